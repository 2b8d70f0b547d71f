use std::collections::BTreeSet;

use trustformers_core::{Error, Result};

use super::{EarlyStopping, GenerationConfig};

/// Valid values of `cache_implementation`; none of them changes the generated tokens.
const CACHES: [&str; 11] = [
    "static",
    "offloaded_static",
    "sliding_window",
    "hybrid",
    "hybrid_chunked",
    "offloaded_hybrid",
    "offloaded_hybrid_chunked",
    "dynamic",
    "offloaded",
    "quantized",
    "paged",
];

/// Arguments of `generate` that are objects and not configuration keys.
const ARGUMENTS: [&str; 8] = [
    "logits_processor",
    "stopping_criteria",
    "prefix_allowed_tokens_fn",
    "synced_gpus",
    "assistant_model",
    "streamer",
    "negative_prompt_ids",
    "negative_prompt_attention_mask",
];

/// A key without effect; transformers warns of it and does not save it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Name of the key.
    pub key: &'static str,
    /// Why it has no effect.
    pub message: String,
}

impl GenerationConfig {
    /// Checks for contradictory keys and returns the keys that have no effect.
    ///
    /// `set` are the keys that the caller just set (`None`: unknown). An inherited key is no issue if the caller chose
    /// a strategy that does not use it.
    ///
    /// **Errors:** `Input` naming a key with an invalid value.
    pub fn validate(&self, set: Option<&[&str]>) -> Result<Vec<Issue>> {
        self.check_values()?;
        self.check_return_sequences()?;
        self.check_forced_tokens()?;
        if let Some(argument) = ARGUMENTS.iter().find(|argument| self.extra.contains_key(**argument)) {
            return Err(Error::input(*argument, "is not a generation config key; pass it to `generate`"));
        }
        let is_set = |key: &str| set.is_some_and(|set| set.contains(&key));
        let concerns = |strategy: &str, key: &str| is_set(key) || !is_set(strategy);
        let mut issues = Vec::new();
        if self.pad_token_id.is_some_and(|id| id < 0) {
            issues
                .push(Issue { key: "pad_token_id", message: "is negative: rows cannot be padded with it".to_owned() });
        }
        if self.do_sample != Some(true) {
            issues.extend(self.sampling_keys().filter(|issue| concerns("do_sample", issue.key)));
        }
        if self.num_beams.is_none_or(|num_beams| num_beams == 1) {
            issues.extend(self.beam_keys().filter(|issue| concerns("num_beams", issue.key)));
        }
        issues.extend(self.ineffective_keys());
        Ok(issues)
    }

    fn check_values(&self) -> Result<()> {
        if let Some(found) = self.max_new_tokens.filter(|&count| count <= 0) {
            return Err(Error::input("max_new_tokens", format!("must be greater than 0, found {found}")));
        }
        for (key, count) in [("num_beams", self.num_beams), ("num_return_sequences", self.num_return_sequences)] {
            if let Some(found) = count.filter(|&count| count < 1) {
                return Err(Error::input(key, format!("must be at least 1, found {found}")));
            }
        }
        if let Some(found) = self.assistant_ensemble_weight.filter(|&weight| !(weight > 0.0 && weight < 1.0)) {
            return Err(Error::input("assistant_ensemble_weight", format!("must be between 0 and 1, found {found}")));
        }
        match &self.cache_implementation {
            Some(name) if !CACHES.contains(&name.as_str()) => {
                Err(Error::input("cache_implementation", format!("\"{name}\" is not one of {CACHES:?}")))
            }
            _ => Ok(()),
        }
    }

    fn check_return_sequences(&self) -> Result<()> {
        let (returned, num_beams) = (self.num_return_sequences.unwrap_or(1), self.num_beams.unwrap_or(1));
        if returned > 1 && num_beams == 1 && self.do_sample != Some(true) {
            return Err(Error::input(
                "num_return_sequences",
                format!(
                    "greedy search returns one sequence, {returned} were requested; set do_sample=True or num_beams"
                ),
            ));
        }
        if num_beams > 1 && returned > num_beams {
            return Err(Error::input(
                "num_return_sequences",
                format!("must be at most num_beams = {num_beams}, found {returned}"),
            ));
        }
        Ok(())
    }

    fn check_forced_tokens(&self) -> Result<()> {
        let Some(suppressed) = &self.suppress_tokens else { return Ok(()) };
        let forced_bos = self.forced_bos_token_id.map(|id| vec![id]);
        let forced_eos = self.forced_eos_token_id.as_ref().map(|ids| ids.as_slice().to_vec());
        for (key, forced) in [("forced_bos_token_id", forced_bos), ("forced_eos_token_id", forced_eos)] {
            let forced: BTreeSet<i64> = forced.unwrap_or_default().into_iter().collect();
            if !forced.is_empty() && forced.iter().all(|id| suppressed.contains(id)) {
                return Err(Error::input(
                    key,
                    format!("all of its tokens ({forced:?}) are in suppress_tokens, which leaves no token to generate"),
                ));
            }
        }
        Ok(())
    }

    fn sampling_keys(&self) -> impl Iterator<Item = Issue> {
        let unless = |neutral: f64| move |value: &f64| *value != neutral;
        [
            ("temperature", self.temperature.filter(unless(1.0))),
            ("top_p", self.top_p.filter(unless(1.0))),
            ("min_p", self.min_p),
            ("top_h", self.top_h),
            ("typical_p", self.typical_p.filter(unless(1.0))),
            ("top_k", self.top_k.filter(|&count| count != 50).map(|count| count as f64)),
            ("epsilon_cutoff", self.epsilon_cutoff.filter(unless(0.0))),
            ("eta_cutoff", self.eta_cutoff.filter(unless(0.0))),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .map(|(key, value)| Issue {
            key,
            message: format!("is {value} and only used by sampling; set do_sample=True or unset it"),
        })
    }

    fn beam_keys(&self) -> impl Iterator<Item = Issue> {
        let early_stopping = self.early_stopping.filter(|&when| when != EarlyStopping::WhenUnlikely);
        let length_penalty = self.length_penalty.filter(|&penalty| penalty != 1.0);
        [("early_stopping", early_stopping.is_some()), ("length_penalty", length_penalty.is_some())]
            .into_iter()
            .filter(|(_, is_set)| *is_set)
            .map(|(key, _)| Issue {
                key,
                message: "is only used by beam search; set num_beams above 1 or unset it".to_owned(),
            })
    }

    fn ineffective_keys(&self) -> Vec<Issue> {
        let mut issues = Vec::new();
        if self.use_cache == Some(false) {
            let caches = [
                ("cache_implementation", self.cache_implementation.is_some()),
                ("cache_config", self.cache_config.is_some()),
            ];
            for (key, _) in caches.into_iter().filter(|(_, is_set)| *is_set) {
                issues.push(Issue { key, message: "has no effect without use_cache=True".to_owned() });
            }
        }
        if self.return_dict_in_generate != Some(true) {
            let outputs = [
                ("output_attentions", self.output_attentions),
                ("output_hidden_states", self.output_hidden_states),
                ("output_scores", self.output_scores),
                ("output_logits", self.output_logits),
            ];
            for (key, _) in outputs.into_iter().filter(|(_, is_set)| *is_set == Some(true)) {
                issues.push(Issue { key, message: "has no effect without return_dict_in_generate=True".to_owned() });
            }
        }
        issues
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn error(json: Value) -> String {
        GenerationConfig::from_json(&json).unwrap().validate(None).unwrap_err().to_string()
    }

    fn issues(json: Value, set: Option<&[&str]>) -> Vec<&'static str> {
        let issues = GenerationConfig::from_json(&json).unwrap().validate(set).unwrap();
        issues.into_iter().map(|issue| issue.key).collect()
    }

    #[test]
    fn contradictions_are_errors_that_name_the_key() {
        for (key, json) in [
            ("max_new_tokens", json!({"max_new_tokens": 0})),
            ("max_new_tokens", json!({"max_new_tokens": -3})),
            ("num_beams", json!({"num_beams": 0})),
            ("num_return_sequences", json!({"num_return_sequences": 2})),
            ("num_return_sequences", json!({"num_return_sequences": 4, "num_beams": 3})),
            ("num_return_sequences", json!({"num_return_sequences": 4, "num_beams": 3, "do_sample": true})),
            ("assistant_ensemble_weight", json!({"assistant_ensemble_weight": 1.0})),
            ("cache_implementation", json!({"cache_implementation": "quick"})),
            ("forced_eos_token_id", json!({"forced_eos_token_id": [2, 3], "suppress_tokens": [3, 4, 2]})),
            ("forced_bos_token_id", json!({"forced_bos_token_id": 4, "suppress_tokens": [3, 4, 2]})),
            ("streamer", json!({"streamer": "x"})),
        ] {
            assert!(error(json).starts_with(key), "{key}");
        }
    }

    #[test]
    fn valid_combinations_pass() {
        assert!(issues(json!({"num_return_sequences": 2, "do_sample": true}), None).is_empty());
        assert!(issues(json!({"num_return_sequences": 3, "num_beams": 3, "early_stopping": true}), None).is_empty());
        assert!(issues(json!({"forced_eos_token_id": [2, 3], "suppress_tokens": [3]}), None).is_empty());
    }

    #[test]
    fn keys_without_effect_are_issues() {
        assert_eq!(issues(json!({"temperature": 0.5, "top_k": 50, "top_p": 1.0}), None), ["temperature"]);
        assert_eq!(issues(json!({"length_penalty": 2.0, "early_stopping": false}), None), ["length_penalty"]);
        assert_eq!(issues(json!({"output_scores": true}), None), ["output_scores"]);
        assert_eq!(issues(json!({"pad_token_id": -1}), None), ["pad_token_id"]);
    }

    #[test]
    fn an_inherited_key_is_no_issue_when_the_caller_chose_the_strategy() {
        let json = json!({"do_sample": false, "temperature": 0.5});
        assert!(issues(json.clone(), Some(&["do_sample"])).is_empty());
        assert_eq!(issues(json.clone(), Some(&["do_sample", "temperature"])), ["temperature"]);
        assert_eq!(issues(json, Some(&["top_k"])), ["temperature"]);
    }
}
