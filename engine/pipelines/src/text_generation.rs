//! Text generation: the defaults of the task, lengths of prompts, and sequences of a batch. `stated` are the generation
//! settings that a call or a configuration sets.

use serde_json::{Map, Value};
use trustformers_core::{Error, Result};

type Keys = Map<String, Value>;

/// The settings that the task adds to the stated ones.
///
/// **Source:** `TextGenerationPipeline._default_generation_config` of transformers 5.23.0.
pub fn default_keys(stated: &Keys, pad_token_id: Option<i64>) -> Keys {
    let samples = stated.get("do_sample").is_none_or(|samples| *samples == Value::Bool(true));
    // A number of new tokens would take precedence over a stated maximum length.
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

/// How many tokens at the end of a prompt of `prompt_len` tokens leave room for the new tokens; `limit` is the
/// tokenizer's `model_max_length`.
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

/// The sequences of each prompt, without the padding that other prompts of the batch cause.
///
/// `sequences` are the padded rows of a batch, whose prompts end in one column; `prompts` are without padding. Rows end
/// at EOS, or, if a stop string or (`has_criteria`) a stopping criterion may end them, where `pad_token_id` fills them.
///
/// **Errors:** `Input` if an empty prompt is without `bos_token_id`.
pub fn rows_as_alone(
    sequences: &[&[i64]],
    prompts: &[Vec<i64>],
    stated: &Keys,
    has_criteria: bool,
) -> Result<Vec<Vec<Vec<i64>>>> {
    let width = prompts.iter().map(Vec::len).max().unwrap_or(0);
    let count = sequences.len() / prompts.len().max(1);
    let id = |key: &str| stated.get(key).and_then(Value::as_i64);
    let ends: Vec<i64> = match stated.get("eos_token_id") {
        Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_i64).collect(),
        Some(one) => one.as_i64().into_iter().collect(),
        None => Vec::new(),
    };
    let has_stop_strings = match stated.get("stop_strings") {
        Some(Value::Array(strings)) => !strings.is_empty(),
        Some(Value::String(string)) => !string.is_empty(),
        _ => false,
    };
    let pad = id("pad_token_id").filter(|_| has_stop_strings || has_criteria);
    let len = |tokens: &[i64]| match tokens.iter().position(|token| ends.contains(token)) {
        Some(end) => end + 1,
        None => {
            let kept = tokens.iter().rposition(|token| Some(*token) != pad).map_or(0, |last| last + 1);
            kept.max(tokens.len().min(1))
        }
    };
    let rows = prompts.iter().enumerate().map(|(index, prompt)| {
        let begin = match (prompt.is_empty(), width) {
            (false, _) => prompt.clone(),
            // Without any prompt, the first column is BOS.
            (true, 0) => sequences.first().and_then(|row| row.first()).copied().into_iter().collect(),
            (true, _) => vec![id("bos_token_id").ok_or_else(|| {
                Error::input("bos_token_id", "must be set for an empty prompt, which starts with it")
            })?],
        };
        let new = sequences[index * count..(index + 1) * count].iter().map(|row| &row[width.max(1)..]);
        let longest = match prompts.len() {
            0 | 1 => usize::MAX,
            _ => new.clone().map(len).max().unwrap_or(0),
        };
        Ok(new.map(|new| begin.iter().chain(new.iter().take(longest)).copied().collect()).collect())
    });
    rows.collect()
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

    #[test]
    fn sequences_lose_the_padding_of_other_prompts() {
        let prompts = [vec![5, 6], vec![7], vec![]];
        let rows: [&[i64]; 3] = [&[5, 6, 1, 2, 3], &[0, 7, 4, 9, 9], &[0, 1, 8, 8, 9]];
        let stated = keys(json!({"eos_token_id": [9, 10], "pad_token_id": 9, "bos_token_id": 1}));
        let expected = [vec![vec![5, 6, 1, 2, 3]], vec![vec![7, 4, 9]], vec![vec![1, 8, 8, 9]]];
        assert_eq!(rows_as_alone(&rows, &prompts, &stated, false).unwrap(), expected);
        let stated = keys(json!({"pad_token_id": 9, "stop_strings": ["x"], "bos_token_id": 1}));
        assert_eq!(rows_as_alone(&rows, &prompts, &stated, false).unwrap()[1], [[7, 4]]);
        let error = rows_as_alone(&rows, &prompts, &Keys::new(), false).unwrap_err();
        assert!(error.to_string().contains("bos_token_id"), "{error}");
    }

    #[test]
    fn sequences_of_one_prompt_keep_their_padding() {
        let rows: [&[i64]; 2] = [&[1, 4, 9, 9], &[1, 4, 4, 9]];
        let stated = keys(json!({"eos_token_id": 9}));
        assert_eq!(rows_as_alone(&rows, &[vec![]], &stated, false).unwrap(), [[[1, 4, 9, 9], [1, 4, 4, 9]]]);
    }
}
