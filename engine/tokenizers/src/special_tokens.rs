use serde_json::{Map, Value};
use tokenizers::AddedToken;

/// Attribute names of special tokens, in the order of transformers.
pub(crate) const NAMED: [&str; 7] =
    ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

/// The special tokens: with an attribute name, and extra ones without.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpecialTokens {
    named: Vec<(String, AddedToken)>,
    pub extra: Vec<AddedToken>,
}

impl SpecialTokens {
    pub fn get(&self, attribute: &str) -> Option<&AddedToken> {
        self.named.iter().find(|(name, _)| name == attribute).map(|(_, token)| token)
    }

    /// Sets the token of an attribute; `None` removes it.
    pub fn set(&mut self, attribute: &str, token: Option<AddedToken>) {
        self.named.retain(|(name, _)| name != attribute);
        if let Some(token) = token {
            self.named.push((attribute.to_owned(), token));
            self.named.sort_by_key(|(name, _)| NAMED.iter().position(|known| known == name).unwrap_or(NAMED.len()));
        }
    }

    pub fn named(&self) -> impl Iterator<Item = (&str, &AddedToken)> {
        self.named.iter().map(|(name, token)| (name.as_str(), token))
    }

    /// All special tokens without duplicates: named ones in order, then extra ones.
    pub fn all(&self) -> Vec<&AddedToken> {
        let mut all: Vec<&AddedToken> = Vec::new();
        for token in self.named.iter().map(|(_, token)| token).chain(&self.extra) {
            if all.iter().all(|seen| seen.content != token.content) {
                all.push(token);
            }
        }
        all
    }
}

/// Reads a token written as a string or as an `AddedToken` object; `None` if `value` is neither.
pub(crate) fn parse_token(value: &Value) -> Option<AddedToken> {
    match value {
        Value::String(content) => Some(AddedToken::from(content.as_str(), true)),
        Value::Object(object) => parse_object(object),
        _ => None,
    }
}

fn parse_object(object: &Map<String, Value>) -> Option<AddedToken> {
    let content = object.get("content")?.as_str()?;
    let flag = |key: &str| object.get(key).and_then(Value::as_bool);
    let special = flag("special").unwrap_or(false);
    Some(
        AddedToken::from(content, special)
            .single_word(flag("single_word").unwrap_or(false))
            .lstrip(flag("lstrip").unwrap_or(false))
            .rstrip(flag("rstrip").unwrap_or(false))
            .normalized(flag("normalized").unwrap_or(!special)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_token_object_keeps_its_flags() {
        let token = parse_token(&json!({"content": "<m>", "lstrip": true, "special": true})).unwrap();
        assert_eq!(token, AddedToken::from("<m>", true).lstrip(true));
        assert!(parse_token(&json!({"lstrip": true})).is_none());
        assert!(parse_token(&json!(3)).is_none());
    }

    #[test]
    fn named_tokens_keep_the_order_of_transformers() {
        let mut tokens = SpecialTokens::default();
        for (name, content) in
            [("image_token", "<i>"), ("mask_token", "<m>"), ("bos_token", "<b>"), ("cls_token", "<b>")]
        {
            tokens.set(name, Some(AddedToken::from(content, true)));
        }
        tokens.extra.push(AddedToken::from("<m>", true));
        let names: Vec<_> = tokens.named().map(|(name, _)| name).collect();
        assert_eq!(names, ["bos_token", "cls_token", "mask_token", "image_token"]);
        let all: Vec<_> = tokens.all().iter().map(|token| token.content.as_str()).collect();
        assert_eq!(all, ["<b>", "<m>", "<i>"]);
    }
}
