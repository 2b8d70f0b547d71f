use trustformers_core::{Error, Result};

use crate::settings::count;
use crate::{Issue, Settings};

/// Number of new tokens if no length is set.
const DEFAULT_NEW_TOKENS: usize = 20;

/// Minimum and maximum length of sequences, counted as in transformers: with the padding of a batch's prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lengths {
    /// Padding of the row's prompt: how many tokens it is shorter than the longest prompt.
    pub padding: usize,
    /// Tokens of the longest prompt.
    pub prompt: usize,
    /// Maximum number of tokens of a sequence.
    pub max: usize,
    /// Minimum number of tokens of a sequence before it may end.
    pub min: usize,
}

impl Lengths {
    /// The lengths for a row whose prompt has `prompt_len` tokens.
    pub fn for_prompt(self, prompt_len: usize) -> Self {
        Self { padding: self.prompt.saturating_sub(prompt_len), ..self }
    }
}

impl Settings {
    /// The lengths for prompts of at most `prompt_len` tokens.
    ///
    /// **Errors:** `Input` if the prompt leaves no room for new tokens, or exceeds the model's positions.
    pub fn lengths(&self, prompt_len: usize, max_tokens: Option<usize>) -> Result<Lengths> {
        if let Some(most) = max_tokens.filter(|&most| prompt_len > most) {
            return Err(Error::input(
                "input_ids",
                format!("the prompt has {prompt_len} tokens, the model has positions for {most}; shorten the prompt"),
            ));
        }
        let max = match (self.config().max_new_tokens, self.config().max_length) {
            (Some(new), _) => prompt_len.saturating_add(count("max_new_tokens", Some(new))?),
            (None, Some(length)) => usize::try_from(length).unwrap_or(0),
            (None, None) => (prompt_len + DEFAULT_NEW_TOKENS).min(max_tokens.unwrap_or(usize::MAX)),
        };
        if prompt_len >= max {
            return Err(Error::input(
                "input_ids",
                format!("the prompt has {prompt_len} tokens and max_length is {max}; raise it, or set max_new_tokens"),
            ));
        }
        let min = match self.config().min_new_tokens {
            Some(new) => prompt_len.saturating_add_signed(isize::try_from(new).unwrap_or(isize::MAX)),
            None => usize::try_from(self.config().min_length.unwrap_or(0)).unwrap_or(0),
        };
        Ok(Lengths { padding: 0, prompt: prompt_len, max, min })
    }

    /// Length settings that conflict, or that are left to the default; transformers warns of them.
    pub fn length_issues(&self, lengths: Lengths) -> Vec<Issue> {
        let config = self.config();
        let mut issues = Vec::new();
        if config.max_length.is_none() && config.max_new_tokens.is_none() {
            let message = format!("is {} by default; set max_new_tokens to choose how much is generated", lengths.max);
            issues.push(Issue { key: "max_length", message });
        }
        for (key, other, is_hidden) in [
            ("max_length", "max_new_tokens", config.max_length.is_some() && config.max_new_tokens.is_some()),
            ("min_length", "min_new_tokens", config.min_length.is_some() && config.min_new_tokens.is_some()),
        ] {
            if is_hidden {
                issues.push(Issue { key, message: format!("has no effect when {other} is set") });
            }
        }
        if lengths.min > lengths.max {
            let key = if config.min_new_tokens.is_some() { "min_new_tokens" } else { "min_length" };
            let message = format!("is {}, more than the maximum length of {} tokens", lengths.min, lengths.max);
            issues.push(Issue { key, message });
        }
        issues
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GenerationConfig;
    use serde_json::{Value, json};

    fn kwargs(kwargs: Value) -> Settings {
        Settings::new(&GenerationConfig::default(), None, &kwargs).unwrap()
    }

    #[test]
    fn lengths_are_counted_from_the_prompt_or_from_the_start() {
        let lengths = |json, prompt_len, max_tokens| {
            let lengths = kwargs(json).lengths(prompt_len, max_tokens).unwrap();
            (lengths.min, lengths.max)
        };
        assert_eq!(lengths(json!({}), 7, None), (0, 27));
        assert_eq!(lengths(json!({}), 7, Some(16)), (0, 16));
        assert_eq!(lengths(json!({"max_length": 9, "min_length": 3}), 7, Some(16)), (3, 9));
        assert_eq!(lengths(json!({"max_length": 9, "max_new_tokens": 5, "min_new_tokens": 2}), 7, None), (9, 12));
    }

    #[test]
    fn a_prompt_that_leaves_no_room_names_both_lengths() {
        let error = kwargs(json!({"max_length": 7})).lengths(7, None).unwrap_err().to_string();
        assert!(error.contains("has 7 tokens") && error.contains("max_length is 7"), "{error}");
        let error = kwargs(json!({})).lengths(17, Some(16)).unwrap_err().to_string();
        assert!(error.contains("17") && error.contains("16"), "{error}");
    }

    #[test]
    fn lengths_without_an_effect_are_issues() {
        let issues = |json| {
            let settings = kwargs(json);
            let issues = settings.length_issues(settings.lengths(7, None).unwrap());
            issues.into_iter().map(|issue| issue.key).collect::<Vec<_>>()
        };
        assert_eq!(issues(json!({})), ["max_length"]);
        assert_eq!(issues(json!({"max_new_tokens": 3, "max_length": 50})), ["max_length"]);
        assert_eq!(issues(json!({"max_new_tokens": 3, "min_new_tokens": 4})), ["min_new_tokens"]);
        assert_eq!(issues(json!({"max_length": 20, "min_length": 21})), ["min_length"]);
        assert!(issues(json!({"max_new_tokens": 3, "min_new_tokens": 3})).is_empty());
    }
}
