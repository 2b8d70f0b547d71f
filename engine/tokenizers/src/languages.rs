//! Languages of translation tokenizers, whose rows name their language with a special token.

use serde_json::{Map, Value, json};
use tokenizers::processors::PostProcessorWrapper;
use trustformers_core::{Error, Result};

use crate::keys::Keys;
use crate::language_codes;
use crate::pipeline::Pipeline;
use crate::special_tokens::{NAMED, SpecialTokens};

/// The languages of a tokenizer.
#[derive(Clone, Debug)]
pub(crate) struct Languages {
    codes: Vec<&'static str>,
    /// Whether the token of the language comes before the sequences, or last.
    is_first: bool,
    /// Whether the token of the language `en` is `__en__`.
    is_underscored: bool,
    pub src_lang: String,
    pub tgt_lang: Option<String>,
    /// The language that rows name.
    pub current: String,
    /// Whether neither files nor caller set `src_lang`.
    pub is_default: bool,
}

impl Languages {
    /// The languages of a class; `None` for a class whose rows do not name a language.
    ///
    /// **Errors:** `Config` naming file and key.
    pub fn of(class: &str, keys: &Keys<'_>) -> Result<Option<Self>> {
        let (codes, default, is_first): (Vec<_>, _, _) = match class {
            "MBartTokenizer" => (language_codes::mbart().collect(), "en_XX", false),
            "MBart50Tokenizer" => (language_codes::mbart_50().collect(), "en_XX", true),
            "NllbTokenizer" => {
                let is_legacy = keys.bool("legacy_behaviour")?.unwrap_or(false);
                (language_codes::nllb().collect(), "eng_Latn", !is_legacy)
            }
            "M2M100Tokenizer" => {
                let names = "\"m2m100\" or \"wmt21\"";
                let is_wmt_21 = keys.parsed(
                    "language_codes",
                    |value| value.as_str(),
                    names,
                    |name| match name {
                        "m2m100" => Some(false),
                        "wmt21" => Some(true),
                        _ => None,
                    },
                )?;
                (language_codes::m2m_100(is_wmt_21.unwrap_or(false)).collect(), "en", true)
            }
            _ => return Ok(None),
        };
        let text =
            |key| keys.parsed(key, |value| value.as_str(), "the code of a language", |code| Some(code.to_owned()));
        let src_lang = text("src_lang")?;
        let is_default = src_lang.is_none();
        let src_lang = src_lang.unwrap_or_else(|| default.to_owned());
        Ok(Some(Self {
            codes,
            is_first,
            is_underscored: class == "M2M100Tokenizer",
            current: src_lang.clone(),
            src_lang,
            tgt_lang: text("tgt_lang")?,
            is_default,
        }))
    }

    /// The codes of the class, in the order of their ids.
    pub fn codes(&self) -> &[&'static str] {
        &self.codes
    }

    /// The tokens of the class's languages, in the order of their ids.
    pub fn tokens(&self) -> impl Iterator<Item = String> {
        self.codes.iter().map(|code| self.token(code))
    }

    /// The token of a language.
    pub fn token(&self, code: &str) -> String {
        if self.is_underscored { format!("__{code}__") } else { code.to_owned() }
    }

    /// The post-processor that names the source language.
    ///
    /// **Errors:** `Input` for an unknown `src_lang` or `tgt_lang`, with the known codes.
    pub fn post_processor(&self, special: &SpecialTokens, pipeline: &Pipeline) -> Result<PostProcessorWrapper> {
        if let Some(code) = &self.tgt_lang {
            self.check("tgt_lang", code, special, pipeline)?;
        }
        if !self.is_default {
            self.check("src_lang", &self.src_lang, special, pipeline)?;
        }
        self.naming(&self.src_lang, special, pipeline)
    }

    /// The post-processor that names a language.
    pub fn naming(&self, code: &str, special: &SpecialTokens, pipeline: &Pipeline) -> Result<PostProcessorWrapper> {
        let content = |role| special.get(role).map(|token| token.content.clone());
        let unk = || content("unk_token").and_then(|token| pipeline.token_to_id(&token));
        // A vocabulary without the default language has the unknown token in its place, as in the reference.
        let known = |token: String| pipeline.token_to_id(&token).or_else(unk).map(|id| (token, id));
        let language: Vec<_> = known(self.token(code)).into_iter().collect();
        let eos: Vec<_> = content("eos_token").and_then(known).into_iter().collect();
        match self.is_first {
            true => around_sequences(&language, &eos),
            false => around_sequences(&[], &[eos, language].concat()),
        }
    }

    /// The known codes and the ids of their tokens: those of the class, and other special tokens without a role.
    pub fn ids<'a>(&'a self, special: &'a SpecialTokens, pipeline: &Pipeline) -> Vec<(&'a str, u32)> {
        let of_class = self.codes.iter().copied().map(|code| (code, self.token(code)));
        let roles: Vec<&str> =
            NAMED.iter().filter_map(|role| special.get(role)).map(|token| token.content.as_str()).collect();
        let others = special.extra.iter().map(|token| token.content.as_str());
        let others =
            others.filter(|token| !self.is_underscored && !self.codes.contains(token) && !roles.contains(token));
        of_class
            .chain(others.map(|token| (token, token.to_owned())))
            .filter_map(|(code, token)| Some((code, pipeline.token_to_id(&token)?)))
            .collect()
    }

    /// Whether target texts need a `tgt_lang`.
    pub fn needs_target(&self) -> bool {
        self.is_underscored
    }

    /// The id of a language's token: one of the class, or any special token.
    ///
    /// **Errors:** `Input` naming `argument` for an unknown language, with the known codes.
    pub fn check(&self, argument: &str, code: &str, special: &SpecialTokens, pipeline: &Pipeline) -> Result<u32> {
        let known = self.ids(special, pipeline);
        if let Some((_, id)) = known.iter().find(|(known, _)| *known == code) {
            return Ok(*id);
        }
        if !self.is_underscored
            && let Some(id) = pipeline.token_to_id(code)
            && pipeline.get_added_vocabulary().is_special_token(code)
        {
            return Ok(id);
        }
        let known: Vec<_> = known.into_iter().map(|(code, _)| code).collect();
        Err(Error::input(argument, format!("\"{code}\" is not one of the tokenizer's languages: {}", known.join(", "))))
    }
}

/// Adds tokens, given with their ids, before and after one sequence or a pair; all type ids are 0.
fn around_sequences(before: &[(String, u32)], after: &[(String, u32)]) -> Result<PostProcessorWrapper> {
    let row = |sequences: &[&str]| -> Vec<Value> {
        let special = |(token, _): &(String, u32)| json!({"SpecialToken": {"id": token, "type_id": 0}});
        let sequences = sequences.iter().map(|id| json!({"Sequence": {"id": id, "type_id": 0}}));
        before.iter().map(special).chain(sequences).chain(after.iter().map(special)).collect()
    };
    let special = |(token, id): &(String, u32)| (token.clone(), json!({"id": token, "ids": [id], "tokens": [token]}));
    let template = json!({
        "type": "TemplateProcessing",
        "single": row(&["A"]),
        "pair": row(&["A", "B"]),
        "special_tokens": before.iter().chain(after).map(special).collect::<Map<_, _>>(),
    });
    serde_json::from_value(template).map_err(|error| Error::internal(format!("a template of languages: {error}")))
}
