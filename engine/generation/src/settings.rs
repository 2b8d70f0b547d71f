use serde_json::{Map, Value};
use trustformers_core::{Error, Result};

use crate::{EarlyStopping, GenerationConfig, Issue, OneOrMany};

/// Default n-gram size of prompt lookup.
const DEFAULT_NGRAM_SIZE: i64 = 2;

/// The settings of one `generate` call: a complete configuration whose values fit one another.
///
/// A key that is still `None` is switched off.
#[derive(Clone, Debug)]
pub struct Settings {
    config: GenerationConfig,
    num_beams: usize,
    num_return_sequences: usize,
    uses_cache: bool,
    /// Whether the caller, rather than the model, set `cache_implementation`.
    names_cache: bool,
    issues: Vec<Issue>,
}

impl Settings {
    /// Merges the settings of a call: `kwargs` take precedence over `user`, `user` over `model`, `model` over the
    /// defaults.
    ///
    /// `kwargs` is an object or null; a null value switches its key off.
    ///
    /// **Errors:** `Input` for unknown or contradictory arguments, `Unsupported` naming the key of an unsupported
    /// feature.
    pub fn new(model: &GenerationConfig, user: Option<&GenerationConfig>, kwargs: &Value) -> Result<Self> {
        let max_length = user.and_then(|user| user.max_length);
        let mut config = user.cloned().unwrap_or_default();
        config.fill_from(model);
        config.fill_from(&defaults());
        let mut issues = Vec::new();
        if !kwargs.is_null() {
            let updated = config.update(kwargs)?;
            issues = updated.issues;
            let unused = updated.unused;
            if !unused.is_empty() {
                return Err(Error::input(
                    "model_kwargs",
                    format!("the model does not use {unused:?}; misspelled arguments of `generate` end up here too"),
                ));
            }
        }
        config.validate(None)?;
        config.check_supported()?;
        let num_beams = count("num_beams", config.num_beams)?;
        let num_return_sequences = count("num_return_sequences", config.num_return_sequences)?;
        let max_length = kwargs.get("max_length").and_then(Value::as_i64).or(max_length);
        if let (Some(max_length), Some(max_new_tokens)) = (max_length, config.max_new_tokens) {
            let message = format!("is {max_length}, and max_new_tokens = {max_new_tokens} takes precedence");
            issues.push(Issue { key: "max_length", message });
        }
        let stated = kwargs.get("use_cache").and_then(Value::as_bool);
        let uses_cache = stated.or(user.and_then(|user| user.use_cache)).unwrap_or(true);
        let names_cache = match kwargs.get("cache_implementation") {
            Some(stated) => !stated.is_null(),
            None => user.is_some_and(|user| user.cache_implementation.is_some()),
        };
        let settings = Self { config, num_beams, num_return_sequences, uses_cache, names_cache, issues };
        settings.check_lookup()?;
        Ok(settings)
    }

    /// The keys that a call states: `kwargs` take precedence over `user`, `user` over `model`. Defaults are left out,
    /// and a null of `kwargs` is a key that is stated.
    ///
    /// **Errors:** `Internal` if a value has no JSON form.
    pub fn stated(
        model: &GenerationConfig,
        user: Option<&GenerationConfig>,
        kwargs: &Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        let mut config = user.cloned().unwrap_or_default();
        config.fill_from(model);
        let mut stated = config.to_map()?;
        stated.extend(kwargs.clone());
        Ok(stated)
    }

    /// The merged configuration.
    pub fn config(&self) -> &GenerationConfig {
        &self.config
    }

    /// The caller's keys that have no effect.
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Number of beams per prompt.
    pub fn num_beams(&self) -> usize {
        self.num_beams
    }

    /// Number of sequences returned per prompt.
    pub fn num_return_sequences(&self) -> usize {
        self.num_return_sequences
    }

    /// The key that limits the length of sequences.
    pub fn length_key(&self) -> &'static str {
        if self.config.max_new_tokens.is_some() { "max_new_tokens" } else { "max_length" }
    }

    /// Whether keys and values are cached; without a cache each step recomputes the whole sequences.
    ///
    /// Only the caller decides: many published configurations say `"use_cache": false` because of how their model was
    /// trained.
    pub fn uses_cache(&self) -> bool {
        self.uses_cache
    }

    /// Whether tokens are sampled rather than selected greedily.
    pub fn does_sample(&self) -> bool {
        self.config.do_sample == Some(true)
    }

    /// Number of slots that a model needs for `num_prompts` prompts.
    pub fn num_slots(&self, num_prompts: usize) -> usize {
        num_prompts.saturating_mul(self.num_beams.max(self.num_return_sequences))
    }

    /// The tokens that end a sequence.
    pub fn eos_token_ids(&self) -> &[i64] {
        self.config.eos_token_id.as_ref().map_or(&[], OneOrMany::as_slice)
    }

    /// The token that pads a row after its end: `pad_token_id`, else the first `eos_token_id`.
    pub fn pad_token_id(&self) -> Option<i64> {
        self.config.pad_token_id.or_else(|| self.eos_token_ids().first().copied())
    }

    /// The token that an empty prompt starts with.
    pub fn bos_token_id(&self) -> Option<i64> {
        self.config.bos_token_id
    }

    /// The strings that end a sequence.
    pub fn stop_strings(&self) -> &[String] {
        self.config.stop_strings.as_ref().map_or(&[], OneOrMany::as_slice)
    }

    /// When beam search stops.
    pub fn early_stopping(&self) -> EarlyStopping {
        self.config.early_stopping.unwrap_or(EarlyStopping::WhenUnlikely)
    }

    /// Exponent of the sequence length that beam scores are divided by.
    pub fn length_penalty(&self) -> f64 {
        self.config.length_penalty.unwrap_or(1.0)
    }

    /// Whether the caller wants an output object rather than the sequences alone.
    pub fn returns_dict(&self) -> bool {
        self.config.return_dict_in_generate == Some(true)
    }

    /// Whether the processed logits of every step are recorded.
    pub fn outputs_scores(&self) -> bool {
        self.returns_dict() && self.config.output_scores == Some(true)
    }

    /// Whether the unprocessed logits of every step are recorded.
    pub fn outputs_logits(&self) -> bool {
        self.returns_dict() && self.config.output_logits == Some(true)
    }

    /// Whether the hidden states of every step are returned.
    pub fn outputs_hidden_states(&self) -> bool {
        self.returns_dict() && self.config.output_hidden_states == Some(true)
    }

    /// Whether the attention weights of every step are returned.
    pub fn outputs_attentions(&self) -> bool {
        self.returns_dict() && self.config.output_attentions == Some(true)
    }

    /// Minimum number of tokens that warpers keep: with beam search, at least one that is not EOS.
    pub fn min_tokens_to_keep(&self) -> usize {
        match (self.num_beams, &self.config.eos_token_id) {
            (1, _) => 1,
            (_, None) => 2,
            (_, Some(ids)) => ids.as_slice().len() + 1,
        }
    }

    /// Refuses settings that contradict a key/value cache passed by the caller.
    ///
    /// **Errors:** `Input` naming the argument.
    pub fn check_past(&self) -> Result<()> {
        if self.names_cache {
            return Err(Error::input("cache_implementation", "pass it or past_key_values, not both"));
        }
        if !self.uses_cache {
            let message = "False leaves no use for past_key_values; pass one of the two";
            return Err(Error::input("use_cache", message));
        }
        Ok(())
    }

    /// Refuses settings whose tokens cannot be streamed.
    ///
    /// **Errors:** `Input` for beam search.
    pub fn check_streamed(&self) -> Result<()> {
        if self.num_beams > 1 {
            let message = "beams cannot be streamed: the best one is known only at the end; set num_beams=1";
            return Err(Error::input("streamer", message));
        }
        Ok(())
    }

    /// Refuses settings that continuous batching does not support.
    ///
    /// **Errors:** `Unsupported` naming the argument.
    pub fn check_batched(&self) -> Result<()> {
        let refused = [
            ("num_beams", self.num_beams > 1),
            ("num_return_sequences", self.num_return_sequences > 1),
            ("prompt_lookup_num_tokens", self.config.prompt_lookup_num_tokens.is_some()),
            ("output_scores", self.outputs_scores() || self.outputs_logits()),
            ("output_hidden_states", self.outputs_hidden_states()),
            ("output_attentions", self.outputs_attentions()),
        ];
        match refused.iter().find(|(_, is_asked_for)| *is_asked_for) {
            Some((what, _)) => Err(Error::unsupported(format!("{what} with continuous batching"))),
            None => Ok(()),
        }
    }

    /// Refuses settings that assisted generation does not support.
    ///
    /// **Errors:** `Input` naming the argument.
    pub fn check_assisted(&self) -> Result<()> {
        if self.num_beams == 1 && self.num_return_sequences > 1 {
            let found = self.num_return_sequences;
            return Err(Error::input(
                "num_return_sequences",
                format!("must be 1 for assisted generation, found {found}"),
            ));
        }
        if !self.uses_cache() {
            return Err(Error::input("use_cache", "assisted generation needs use_cache=True"));
        }
        Ok(())
    }

    /// Maximum size of the n-grams that prompt lookup searches for.
    pub fn max_matching_ngram_size(&self) -> i64 {
        self.config.max_matching_ngram_size.filter(|&size| size != 0).unwrap_or(DEFAULT_NGRAM_SIZE)
    }

    fn check_lookup(&self) -> Result<()> {
        let Some(found) = self.config.prompt_lookup_num_tokens.filter(|_| self.num_beams == 1) else { return Ok(()) };
        let ngram_size = self.max_matching_ngram_size();
        for (key, found) in [("prompt_lookup_num_tokens", found), ("max_matching_ngram_size", ngram_size)] {
            if found < 1 {
                return Err(Error::input(key, format!("must be at least 1, found {found}")));
            }
        }
        if self.config.assistant_ensemble_weight.is_some() {
            let message = "needs the logits of an assistant model, which prompt lookup does not have";
            return Err(Error::input("assistant_ensemble_weight", message));
        }
        self.check_assisted()
    }
}

/// A count as `usize`; 1 if it is unset.
pub(crate) fn count(key: &str, count: Option<i64>) -> Result<usize> {
    usize::try_from(count.unwrap_or(1)).map_err(|_| Error::input(key, format!("must not be negative, found {count:?}")))
}

/// The default generation settings; default lengths are in `Settings::lengths`.
///
/// **Source:** `GenerationConfig._get_default_generation_params` of transformers 5.23.0.
fn defaults() -> GenerationConfig {
    GenerationConfig {
        do_sample: Some(false),
        early_stopping: Some(EarlyStopping::WhenUnlikely),
        num_beams: Some(1),
        temperature: Some(1.0),
        top_k: Some(50),
        top_p: Some(1.0),
        typical_p: Some(1.0),
        repetition_penalty: Some(1.0),
        length_penalty: Some(1.0),
        no_repeat_ngram_size: Some(0),
        num_return_sequences: Some(1),
        epsilon_cutoff: Some(0.0),
        eta_cutoff: Some(0.0),
        num_assistant_tokens: Some(20),
        num_assistant_tokens_schedule: Some("constant".to_owned()),
        assistant_confidence_threshold: Some(0.4),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn settings(model: Value, user: Value, kwargs: Value) -> Result<Settings> {
        let read = |json: &Value| GenerationConfig::from_json(json).unwrap();
        Settings::new(&read(&model), Some(&read(&user)), &kwargs)
    }

    fn kwargs(kwargs: Value) -> Settings {
        settings(json!({}), json!({}), kwargs).unwrap()
    }

    #[test]
    fn kwargs_override_user_config_overrides_model_config() {
        let found = settings(
            json!({"top_k": 1, "top_p": 0.1, "temperature": 0.1, "do_sample": true}),
            json!({"top_p": 0.2, "temperature": 0.2}),
            json!({"temperature": 0.3}),
        )
        .unwrap();
        let config = found.config();
        assert_eq!((config.top_k, config.top_p, config.temperature), (Some(1), Some(0.2), Some(0.3)));
        assert_eq!(config.length_penalty, Some(1.0));
    }

    #[test]
    fn stated_keys_have_the_precedence_of_settings_and_no_defaults() {
        let read = |json: Value| GenerationConfig::from_json(&json).unwrap();
        let model = read(json!({"top_k": 1, "top_p": 0.1, "temperature": 0.1}));
        let user = read(json!({"top_p": 0.2, "temperature": 0.2, "top_k": null}));
        let kwargs = json!({"temperature": 0.3, "max_length": null});
        let stated = Settings::stated(&model, Some(&user), kwargs.as_object().unwrap()).unwrap();
        assert_eq!(Value::Object(stated), json!({"top_k": 1, "top_p": 0.2, "temperature": 0.3, "max_length": null}));
    }

    #[test]
    fn null_switches_a_default_off() {
        assert_eq!(kwargs(json!({})).config().top_k, Some(50));
        assert_eq!(kwargs(json!({"top_k": null})).config().top_k, None);
    }

    #[test]
    fn misspelled_arguments_are_named() {
        let error = settings(json!({"own_key": 1}), json!({}), json!({"max_new_token": 3, "own_key": 2})).unwrap_err();
        assert_eq!(error.code(), "input");
        assert!(error.to_string().contains("max_new_token") && !error.to_string().contains("own_key"), "{error}");
    }

    #[test]
    fn caller_keys_without_effect_are_issues() {
        let keys = |model, user, kwargs| -> Vec<&str> {
            settings(model, user, kwargs).unwrap().issues().iter().map(|issue| issue.key).collect()
        };
        assert_eq!(keys(json!({}), json!({}), json!({"temperature": 0.5})), ["temperature"]);
        assert!(keys(json!({"temperature": 0.5}), json!({}), json!({"do_sample": false})).is_empty());
        let both = json!({"max_new_tokens": 3, "max_length": 9});
        assert_eq!(keys(json!({}), json!({}), both.clone()), ["max_length"]);
        assert_eq!(keys(json!({}), both, Value::Null), ["max_length"]);
        assert!(keys(json!({"max_length": 9}), json!({}), json!({"max_new_tokens": 3})).is_empty());
    }

    #[test]
    fn a_passed_cache_contradicts_only_what_the_caller_sets() {
        let check = |model, user, kwargs| settings(model, user, kwargs).unwrap().check_past();
        let named = json!({"cache_implementation": "static", "use_cache": false});
        check(named.clone(), json!({}), json!({})).unwrap();
        check(json!({}), named.clone(), json!({"cache_implementation": null, "use_cache": true})).unwrap();
        assert!(check(json!({}), named, json!({})).unwrap_err().to_string().contains("cache_implementation"));
        let error = check(json!({}), json!({}), json!({"use_cache": false})).unwrap_err();
        assert!(error.to_string().contains("use_cache"), "{error}");
    }

    #[test]
    fn contradictions_between_layers_are_found() {
        let error = settings(json!({"num_return_sequences": 3}), json!({}), json!({"num_beams": 2})).unwrap_err();
        assert!(error.to_string().contains("num_return_sequences"), "{error}");
        let error = settings(json!({}), json!({}), json!({"guidance_scale": 2.0})).unwrap_err();
        assert_eq!(error.code(), "unsupported");
        let assisted = json!({"prompt_lookup_num_tokens": 2, "num_return_sequences": 2, "do_sample": true});
        assert!(settings(json!({}), json!({}), assisted).unwrap_err().to_string().contains("assisted"));
    }
}
