mod legacy;
mod support;
mod validate;
mod values;

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use trustformers_core::{Error, Result, read_json};

pub use validate::Issue;
pub use values::{EarlyStopping, OneOrMany};

macro_rules! generation_config {
    ($($key:ident: $type:ty,)*) => {
        /// How to generate: the keys of `generation_config.json`, which are the arguments of `generate`.
        ///
        /// A key that is `None` is unset: another configuration or the default applies.
        ///
        /// **Source:** `GenerationConfig` of transformers 5.23.0.
        #[derive(Clone, Debug, Default, PartialEq)]
        #[allow(missing_docs)]
        pub struct GenerationConfig {
            $(pub $key: Option<$type>,)*
            /// Unknown keys; they are kept and written back.
            pub extra: Map<String, Value>,
        }

        impl GenerationConfig {
            /// Every key.
            pub const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            /// Sets a key, or unsets it with null; false if there is no such key.
            fn set(&mut self, key: &str, value: &Value) -> Result<bool> {
                match key {
                    $(stringify!($key) => self.$key = read_value(key, value)?,)*
                    _ => return Ok(false),
                }
                Ok(true)
            }

            /// The keys that are set, in the order of transformers' documentation.
            fn entries(&self) -> Result<Vec<(&'static str, Value)>> {
                let mut entries = Vec::new();
                $(if let Some(value) = &self.$key {
                    entries.push((stringify!($key), write_value(stringify!($key), value)?));
                })*
                Ok(entries)
            }

            /// Fills unset keys from another configuration.
            pub fn fill_from(&mut self, other: &Self) {
                $(if self.$key.is_none() {
                    self.$key.clone_from(&other.$key);
                })*
                for (key, value) in &other.extra {
                    self.extra.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
        }
    };
}

generation_config! {
    max_length: i64,
    max_new_tokens: i64,
    min_length: i64,
    min_new_tokens: i64,
    early_stopping: EarlyStopping,
    max_time: f64,
    stop_strings: OneOrMany<String>,

    do_sample: bool,
    num_beams: i64,
    use_mtp: bool,

    use_cache: bool,
    cache_implementation: String,
    cache_config: Value,
    max_cache_len: i64,

    temperature: f64,
    top_k: i64,
    top_p: f64,
    min_p: f64,
    top_h: f64,
    typical_p: f64,
    epsilon_cutoff: f64,
    eta_cutoff: f64,
    repetition_penalty: f64,
    encoder_repetition_penalty: f64,
    length_penalty: f64,
    no_repeat_ngram_size: i64,
    bad_words_ids: Vec<Vec<i64>>,
    renormalize_logits: bool,
    forced_bos_token_id: i64,
    forced_eos_token_id: OneOrMany<i64>,
    remove_invalid_values: bool,
    exponential_decay_length_penalty: (i64, f64),
    suppress_tokens: Vec<i64>,
    begin_suppress_tokens: Vec<i64>,
    sequence_bias: Vec<(Vec<i64>, f64)>,
    token_healing: bool,
    guidance_scale: f64,
    watermarking_config: Value,

    num_return_sequences: i64,
    output_attentions: bool,
    output_hidden_states: bool,
    output_scores: bool,
    output_logits: bool,
    return_dict_in_generate: bool,

    pad_token_id: i64,
    bos_token_id: i64,
    eos_token_id: OneOrMany<i64>,

    encoder_no_repeat_ngram_size: i64,
    decoder_start_token_id: OneOrMany<i64>,

    is_assistant: bool,
    num_assistant_tokens: i64,
    num_assistant_tokens_schedule: String,
    assistant_confidence_threshold: f64,
    prompt_lookup_num_tokens: i64,
    max_matching_ngram_size: i64,
    assistant_early_exit: i64,
    assistant_lookbehind: i64,
    target_lookbehind: i64,
    assistant_ensemble_weight: f64,
    speculation_type: String,

    compile_config: Value,
    disable_compile: bool,
    continuous_batching_config: Value,

    low_memory: bool,
    penalty_alpha: f64,
    dola_layers: Value,
    diversity_penalty: f64,
    num_beam_groups: i64,
    constraints: Value,
    force_words_ids: Value,
    prefill_chunk_size: i64,

    transformers_version: String,
    _from_model_config: bool,
}

fn read_value<T: DeserializeOwned>(key: &str, value: &Value) -> Result<Option<T>> {
    serde_json::from_value(value.clone()).map_err(|error| Error::input(key, format!("cannot be {value}: {error}")))
}

fn write_value(key: &str, value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::internal(format!("{key} cannot be written: {error}")))
}

/// The result of updating a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Updated {
    /// Unknown keys whose value is not null.
    pub unused: Vec<String>,
    /// Keys that have no effect with the current values.
    pub issues: Vec<Issue>,
}

fn keys_of(json: &Value) -> Result<&Map<String, Value>> {
    json.as_object().ok_or_else(|| Error::input("generation_config", format!("expected an object, found {json}")))
}

impl GenerationConfig {
    /// Reads `generation_config.json`.
    ///
    /// **Errors:** `Io` if the file cannot be read, `Config` naming a key with an invalid value.
    pub fn open(file: &Path) -> Result<Self> {
        let json = read_json(file)?;
        let config = Self::from_json(&json).and_then(|config| config.validate(None).map(|_| config));
        config.map_err(|error| Error::config(file, error))
    }

    /// Reads the keys of a JSON object; unknown keys go to `extra`, unless `_from_model_config` is true.
    ///
    /// **Errors:** `Input` naming a key whose value has the wrong type.
    pub fn from_json(json: &Value) -> Result<Self> {
        let mut config = Self::default();
        for (key, value) in keys_of(json)? {
            // Older files carry the hash of a commit, which says nothing about generation.
            if !config.set(key, value)? && key != "_commit_hash" {
                config.extra.insert(key.clone(), value.clone());
            }
        }
        if config._from_model_config == Some(true) {
            config.extra.clear();
        }
        Ok(config)
    }

    /// The set keys, sorted, in the format of `generation_config.json`.
    ///
    /// **Errors:** `Internal` if a value has no JSON form.
    pub fn to_json(&self) -> Result<Value> {
        self.to_map().map(Value::Object)
    }

    /// The set keys, sorted.
    ///
    /// **Errors:** `Internal` if a value has no JSON form.
    pub fn to_map(&self) -> Result<Map<String, Value>> {
        let mut entries: Vec<(String, Value)> =
            self.entries()?.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        entries.extend(self.extra.iter().map(|(key, value)| (key.clone(), value.clone())));
        entries.sort_by(|(left, _), (right, _)| left.cmp(right));
        Ok(entries.into_iter().collect())
    }

    /// Sets keys; null unsets a key.
    ///
    /// **Errors:** `Input` if a value has the wrong type or contradicts another.
    pub fn update(&mut self, kwargs: &Value) -> Result<Updated> {
        let mut used = Vec::new();
        let mut unused = Vec::new();
        for (key, value) in keys_of(kwargs)? {
            if self.set(key, value)? {
                used.push(key.as_str());
            } else if let Some(entry) = self.extra.get_mut(key) {
                *entry = value.clone();
            } else if !value.is_null() {
                unused.push(key.clone());
            }
        }
        Ok(Updated { unused, issues: self.validate(Some(&used))? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_survive_a_round_trip_and_are_sorted() {
        let json = json!({
            "bos_token_id": 1, "chat_format": "chatml", "do_sample": true, "early_stopping": "never",
            "eos_token_id": [2, 7], "exponential_decay_length_penalty": [5, 1.5], "sequence_bias": [[[3, 4], -1.0]],
            "stop_strings": "end", "temperature": 0.6, "top_p": 0.9, "transformers_version": "4.37.0",
        });
        assert_eq!(GenerationConfig::from_json(&json).unwrap().to_json().unwrap(), json);
    }

    #[test]
    fn eos_token_id_is_a_number_or_a_list() {
        let eos = |json| GenerationConfig::from_json(&json).unwrap().eos_token_id.map(|ids| ids.as_slice().to_vec());
        assert_eq!(eos(json!({"eos_token_id": 5})), Some(vec![5]));
        assert_eq!(eos(json!({"eos_token_id": [5, 6]})), Some(vec![5, 6]));
        assert_eq!(eos(json!({"eos_token_id": null})), None);
    }

    #[test]
    fn a_wrong_type_names_key_and_value() {
        for json in [json!({"max_new_tokens": "many"}), json!({"early_stopping": "sometimes"}), json!({"top_k": 1.5})] {
            let (key, value) = json.as_object().unwrap().iter().next().unwrap();
            let message = GenerationConfig::from_json(&json).unwrap_err().to_string();
            assert!(message.contains(key) && message.contains(&value.to_string()), "{message}");
        }
        assert_eq!(GenerationConfig::from_json(&json!([1])).unwrap_err().code(), "input");
    }

    #[test]
    fn open_reads_a_file_and_errors_name_file_and_key() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("generation_config.json");
        let open = |text: &str| {
            std::fs::write(&file, text).unwrap();
            GenerationConfig::open(&file)
        };
        // With warnings only: a temperature without sampling.
        let config = open(r#"{"_from_model_config": true, "temperature": 0.6, "rope_theta": 10000.0}"#).unwrap();
        assert_eq!((config.temperature, config.extra.len()), (Some(0.6), 0));
        for (text, key) in
            [(r#"{"max_new_tokens": 0}"#, "max_new_tokens"), (r#"{"top_k": "x"}"#, "top_k"), ("{", "JSON")]
        {
            let error = open(text).unwrap_err();
            let message = error.to_string();
            assert_eq!(error.code(), "config");
            assert!(message.contains("generation_config.json") && message.contains(key), "{message}");
        }
        assert_eq!(GenerationConfig::open(&directory.path().join("none.json")).unwrap_err().code(), "io");
    }

    #[test]
    fn update_reports_unused_keys() {
        let mut config = GenerationConfig::from_json(&json!({"top_k": 5, "chat_format": "raw"})).unwrap();
        let kwargs = json!({"top_k": null, "top_p": 0.5, "chat_format": "chatml", "topk": 3, "logits": null});
        assert_eq!(config.update(&kwargs).unwrap().unused, ["topk"]);
        assert_eq!((config.top_k, config.top_p), (None, Some(0.5)));
        assert_eq!(config.extra["chat_format"], "chatml");
    }

    #[test]
    fn fill_from_sets_only_unset_keys() {
        let mut config = GenerationConfig { top_k: Some(3), ..Default::default() };
        config.fill_from(&GenerationConfig { top_k: Some(7), top_p: Some(0.5), ..Default::default() });
        assert_eq!((config.top_k, config.top_p), (Some(3), Some(0.5)));
    }
}
