//! Settings of the task. `stated` are the generation settings that a call or a configuration sets.

use serde_json::{Map, Value};
use trustformers_core::{Error, Result};

pub(super) type Keys = Map<String, Value>;

/// Default settings of the task for keys that are not stated.
///
/// **Source:** `TextGenerationPipeline._default_generation_config` of transformers 5.23.0.
pub fn default_keys(stated: &Keys, pad_token_id: Option<i64>) -> Keys {
    let samples = stated.get("do_sample").is_none_or(|samples| *samples == Value::Bool(true));
    // A default `max_new_tokens` would take precedence over a stated `max_length`.
    let has_length = stated.contains_key("max_length");
    let defaults = [
        ("max_new_tokens", (!has_length).then(|| Value::from(256))),
        ("do_sample", Some(Value::Bool(true))),
        ("temperature", samples.then(|| Value::from(0.7))),
        ("pad_token_id", pad_token_id.map(Value::from)),
    ];
    let is_stated = |key: &str| stated.contains_key(key);
    let added = defaults.into_iter().filter(|(key, _)| !is_stated(key));
    added.filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// The stated lengths of whole sequences, plus the tokens of a prefix that precedes each prompt.
pub fn keys_with_prefix(stated: &Keys, prefix_len: usize) -> Keys {
    let lengths = [("max_length", "max_new_tokens"), ("min_length", "min_new_tokens")];
    let whole = lengths.into_iter().filter(|(_, new)| !stated.contains_key(*new));
    let longer = whole.filter_map(|(key, _)| {
        let length = stated.get(key)?.as_u64()?;
        Some((key.to_owned(), Value::from(length + prefix_len as u64)))
    });
    longer.collect()
}

/// Number of tokens to keep at the end of a prompt of `prompt_len` tokens so that prompt and new tokens fit into
/// `limit`, the tokenizer's `model_max_length`.
///
/// **Errors:** `Input` if the new tokens leave no room, or a stated length is not positive.
pub fn kept_prompt_len(stated: &Keys, prompt_len: usize, limit: usize) -> Result<usize> {
    let positive = |key: &str| match stated.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64().and_then(|length| usize::try_from(length).ok()) {
            Some(length) if length > 0 => Ok(Some(length)),
            _ => Err(Error::input(key, format!("expected a positive int, found {value}"))),
        },
    };
    let new = match positive("max_new_tokens")? {
        Some(new) => new,
        None => {
            let whole = positive("max_length")?;
            let new = whole.and_then(|whole| whole.checked_sub(prompt_len)).filter(|new| *new > 0);
            new.ok_or_else(|| Error::input("max_length", format!("leaves no room beside {prompt_len} tokens")))?
        }
    };
    match limit.checked_sub(new) {
        Some(room) if room > 0 => Ok(room.min(prompt_len)),
        _ => Err(Error::input(
            "handle_long_generation",
            format!(
                "\"hole\" leaves no room for a prompt beside {new} new tokens; the tokenizer's model_max_length is {limit}"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn keys(json: Value) -> Keys {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn defaults_fill_only_what_is_not_stated() {
        let found = |stated| Value::Object(default_keys(&keys(stated), Some(3)));
        let all = json!({"max_new_tokens": 256, "do_sample": true, "temperature": 0.7, "pad_token_id": 3});
        assert_eq!(found(json!({})), all);
        assert_eq!(found(json!({"do_sample": false})), json!({"max_new_tokens": 256, "pad_token_id": 3}));
        let stated = json!({"max_length": 9, "temperature": 0.2, "pad_token_id": null});
        assert_eq!(found(stated), json!({"do_sample": true}));
    }

    #[test]
    fn a_prefix_counts_in_whole_lengths_only() {
        let found = |stated| Value::Object(keys_with_prefix(&keys(stated), 4));
        assert_eq!(found(json!({"max_length": 9, "min_length": 2})), json!({"max_length": 13, "min_length": 6}));
        assert_eq!(found(json!({"max_length": 9, "max_new_tokens": 2})), json!({}));
    }

    #[test]
    fn a_long_prompt_leaves_room_for_new_tokens() {
        let kept = |stated, len| kept_prompt_len(&keys(stated), len, 10);
        assert_eq!(kept(json!({"max_new_tokens": 4}), 20).unwrap(), 6);
        assert_eq!(kept(json!({"max_new_tokens": 4}), 3).unwrap(), 3);
        assert_eq!(kept(json!({"max_length": 24}), 20).unwrap(), 6);
        for (stated, named) in [
            (json!({"max_new_tokens": 10}), "handle_long_generation"),
            (json!({"max_new_tokens": "a"}), "max_new_tokens"),
            (json!({"max_length": 20}), "max_length"),
        ] {
            let error = kept(stated, 20).unwrap_err().to_string();
            assert!(error.starts_with(named), "{error}");
        }
    }
}
