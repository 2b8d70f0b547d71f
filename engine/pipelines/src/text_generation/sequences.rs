use serde_json::Value;
use trustformers_core::{Error, Result};

use super::settings::Keys;

/// The sequences of each prompt, without the padding due to other prompts of the batch.
///
/// `sequences` are the left-padded rows of a batch; `prompts` are not padded. A row ends at EOS, or, if stop strings or
/// stopping criteria (`has_criteria`) are set, before the `pad_token_id` that fills it.
///
/// **Errors:** `Input` if a prompt is empty and `bos_token_id` is not set.
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
