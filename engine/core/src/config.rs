use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Error, Result, read_json};

/// Keys of `config.json` that are known and do not change what an inference pass computes.
///
/// Training-time rates, bookkeeping and generation defaults; names from `PreTrainedConfig` of transformers 5.23.0 and
/// from the published checkpoints of the families in `trustformers-models`.
const HARMLESS: &[&str] = &[
    "architectures",
    "attention_dropout",
    "attention_probs_dropout_prob",
    "attn_implementation",
    "auto_map",
    "bad_words_ids",
    "begin_suppress_tokens",
    "bos_token_id",
    "cache_implementation",
    "chunk_size_feed_forward",
    "classifier_dropout",
    "cls_token_id",
    "cross_attention_hidden_size",
    "custom_pipelines",
    "decoder_start_token_id",
    "directionality",
    "diversity_penalty",
    "do_sample",
    "dtype",
    "early_stopping",
    "encoder_no_repeat_ngram_size",
    "eos_token_id",
    "exponential_decay_length_penalty",
    "finetuning_task",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "gradient_checkpointing",
    "hidden_dropout_prob",
    "id2label",
    "initializer_range",
    "label2id",
    "language",
    "length_penalty",
    "mask_token_id",
    "max_length",
    "min_length",
    "model_type",
    "name",
    "no_repeat_ngram_size",
    "num_beam_groups",
    "num_beams",
    "num_labels",
    "num_return_sequences",
    "output_attentions",
    "output_hidden_states",
    "output_past",
    "output_scores",
    "pad_token_id",
    "pooler_fc_size",
    "pooler_num_attention_heads",
    "pooler_num_fc_layers",
    "pooler_size_per_head",
    "pooler_type",
    "position_embedding_type",
    "prefix",
    "pretraining_tp",
    "problem_type",
    "remove_invalid_values",
    "repetition_penalty",
    "return_dict",
    "return_dict_in_generate",
    "sep_token_id",
    "suppress_tokens",
    "task_specific_params",
    "temperature",
    "tf_legacy_loss",
    "tie_encoder_decoder",
    "tie_word_embeddings",
    "tokenizer_class",
    "top_k",
    "top_p",
    "torch_dtype",
    "torchscript",
    "transformers_version",
    "typical_p",
    "use_bfloat16",
    "use_cache",
];

/// Environment variable; `1`, `true`, `yes` or `on` makes unknown configuration keys an error.
const STRICT_VARIABLE: &str = "TRUSTFORMERS_STRICT_CONFIG";

/// Takes keys out of a `config.json` one by one and lists the unknown ones at the end.
#[derive(Debug)]
pub struct ConfigReader {
    file: PathBuf,
    keys: Map<String, Value>,
    /// Unknown keys reported by another source, such as GGUF metadata.
    unknown: Vec<String>,
}

impl ConfigReader {
    /// Opens `config.json` in a model directory.
    ///
    /// **Errors:** `Io` if the file cannot be read, `Config` if it is not a JSON object.
    pub fn open(file: &Path) -> Result<Self> {
        match read_json(file)? {
            Value::Object(keys) => Ok(Self { file: file.to_owned(), keys, unknown: Vec::new() }),
            _ => Err(Error::config(file, "the top level is not a JSON object")),
        }
    }

    /// Reads a configuration from a JSON value instead of a file; errors name it `name`.
    ///
    /// **Errors:** `Config` if the value is not a JSON object.
    pub fn from_json(name: &str, value: Value) -> Result<Self> {
        match value {
            Value::Object(keys) => Ok(Self { file: name.into(), keys, unknown: Vec::new() }),
            _ => Err(Error::config(Path::new(name), "the top level is not a JSON object")),
        }
    }

    /// Path of the configuration file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The value of a string key, without taking it.
    pub fn peek_str(&self, key: &str) -> Option<&str> {
        self.keys.get(key)?.as_str()
    }

    /// All keys that have not been taken yet.
    pub fn json(&self) -> Value {
        Value::Object(self.keys.clone())
    }

    /// Takes a key's value; `default` if the key is absent.
    ///
    /// A null value deserializes to `None` for an option and `false` for a flag, else gives `default`. An integer may
    /// be written as a floating point number.
    ///
    /// **Errors:** `Config` naming the key and its value if the value has another type.
    pub fn take_or<T: DeserializeOwned>(&mut self, key: &str, default: T) -> Result<T> {
        let Some(value) = self.keys.remove(key) else { return Ok(default) };
        if value.is_null() {
            let of_flag = |_| serde_json::from_value(Value::Bool(false));
            return Ok(serde_json::from_value(value).or_else(of_flag).unwrap_or(default));
        }
        serde_json::from_value(value.clone())
            .or_else(|error| integer(&value).map_or(Err(error), serde_json::from_value))
            .map_err(|error| Error::config(&self.file, format!("key \"{key}\" is {value}: {error}")))
    }

    /// Overrides values of the file with those of `keys`, which is null or an object.
    ///
    /// **Errors:** `Input` if `keys` is anything else.
    pub fn replace(&mut self, keys: &Value) -> Result<()> {
        match keys {
            Value::Null => Ok(()),
            Value::Object(keys) => {
                self.keys.extend(keys.clone());
                Ok(())
            }
            other => Err(Error::input("config", format!("expected an object of keys, found {other}"))),
        }
    }

    /// The value of a key, without taking it.
    pub fn peek(&self, key: &str) -> Option<&Value> {
        self.keys.get(key)
    }

    /// Renames common keys to the family's own names, given as `(common, own)` pairs, as transformers' `attribute_map`
    /// does: if the file has both, the common key's value wins unless it is null.
    pub fn rename_all(&mut self, names: &[(&str, &str)]) {
        for (common, own) in names {
            match self.keys.remove(*common) {
                Some(value) if !value.is_null() || !self.keys.contains_key(*own) => {
                    self.keys.insert((*own).to_owned(), value);
                }
                _ => {}
            }
        }
    }

    /// Drops a key that does not affect the computation.
    pub fn ignore(&mut self, key: &str) {
        self.keys.remove(key);
    }

    /// Ignores the dropout rates, which only training reads.
    pub fn ignore_dropout(&mut self) {
        self.keys.retain(|key, _| !key.ends_with("dropout") && !key.ends_with("dropout_prob"));
    }

    /// Takes a size; `default` if the key is absent.
    ///
    /// **Errors:** `Config` naming the key if the value is not an integer of at least one.
    pub fn take_size(&mut self, key: &str, default: usize) -> Result<usize> {
        match self.take_or(key, default)? {
            0 => Err(Error::config_key(&self.file, key, 0, "at least 1")),
            size => Ok(size),
        }
    }

    /// Rejects a key that transformers reads, unless its value is null or `only`, the supported value.
    ///
    /// **Errors:** `Config` naming the key, its value and the supported value.
    pub fn require(&mut self, key: &str, only: &Value) -> Result<()> {
        self.require_any(key, std::slice::from_ref(only))
    }

    /// Rejects a key that transformers reads, unless its value is null or one of `supported`.
    ///
    /// **Errors:** `Config` naming the key, its value and the supported values.
    pub fn require_any(&mut self, key: &str, supported: &[Value]) -> Result<()> {
        let is_same = |value: &Value, other: &Value| {
            value == other || value.as_f64().zip(other.as_f64()).is_some_and(|(value, other)| value == other)
        };
        match self.keys.remove(key) {
            None | Some(Value::Null) => Ok(()),
            Some(value) if supported.iter().any(|other| is_same(&value, other)) => Ok(()),
            Some(value) => {
                let supported: Vec<_> = supported.iter().map(Value::to_string).collect();
                Err(Error::config_key(&self.file, key, value, format!("{} or null", supported.join(", "))))
            }
        }
    }

    /// Rejects a count that does not divide a size.
    ///
    /// **Errors:** `Config` naming both keys.
    pub fn check_divides(&self, count_key: &str, count: usize, size_key: &str, size: usize) -> Result<()> {
        if size > 0 && count > 0 && size.is_multiple_of(count) {
            return Ok(());
        }
        Err(Error::config_key(&self.file, count_key, count, format!("a divisor of {size_key} = {size}")))
    }

    /// Rejects an implausibly large count before anything is allocated.
    ///
    /// **Errors:** `Config` naming the key.
    pub fn check_at_most(&self, key: &str, count: usize, most: usize) -> Result<()> {
        if count <= most {
            return Ok(());
        }
        Err(Error::config_key(&self.file, key, count, format!("at most {most}")))
    }

    /// Adds unknown keys of the source that the configuration was derived from, such as GGUF metadata.
    pub fn add_unknown(&mut self, keys: Vec<String>) {
        self.unknown.extend(keys);
    }

    /// Keys that were neither taken nor are known to be harmless, in alphabetical order.
    pub fn unknown(self) -> Vec<String> {
        let is_unknown = |key: &String| !key.starts_with('_') && !HARMLESS.contains(&key.as_str());
        let mut unknown: Vec<_> = self.keys.into_iter().map(|(key, _)| key).filter(is_unknown).collect();
        unknown.extend(self.unknown);
        unknown.sort_unstable();
        unknown
    }

    /// The unknown keys; with `strict`, or where the environment sets `TRUSTFORMERS_STRICT_CONFIG=1`, there are none.
    ///
    /// **Errors:** `Config` listing the unknown keys, if there have to be none.
    pub fn finish(self, strict: bool) -> Result<Vec<String>> {
        let file = self.file.clone();
        let unknown = self.unknown();
        if unknown.is_empty() || !(strict || is_strict_by_environment()) {
            return Ok(unknown);
        }
        let message =
            format!("unknown keys: {unknown:?}; remove them, or load without strict_config and {STRICT_VARIABLE}");
        Err(Error::config(&file, message))
    }
}

fn is_strict_by_environment() -> bool {
    let value = std::env::var(STRICT_VARIABLE).unwrap_or_default();
    ["1", "true", "yes", "on"].iter().any(|yes| value.eq_ignore_ascii_case(yes))
}

/// A floating point number as an integer, if it has no fractional part.
fn integer(value: &Value) -> Option<Value> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 2f64.powi(53))?;
    Some(Value::from(number as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reader(value: Value) -> ConfigReader {
        let Value::Object(keys) = value else { panic!("an object") };
        ConfigReader { file: "somewhere/config.json".into(), keys, unknown: Vec::new() }
    }

    #[test]
    fn absent_keys_take_their_defaults() {
        let mut config = reader(json!({"hidden_size": 3}));
        assert_eq!(config.take_or("hidden_size", 7).unwrap(), 3);
        assert_eq!(config.take_or("layer_norm_eps", 1e-5).unwrap(), 1e-5);
    }

    #[test]
    fn a_wrong_type_names_file_key_and_value() {
        let message = reader(json!({"hidden_size": "wide"})).take_or("hidden_size", 7).unwrap_err().to_string();
        for part in ["somewhere/config.json", "hidden_size", "wide"] {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn unknown_keys_are_listed_and_refused_only_if_strict() {
        let config = || {
            let mut config =
                reader(json!({"hidden_size": 3, "_name_or_path": "x", "use_cache": true, "twist": 2, "attention": 1}));
            config.take_size("hidden_size", 7).unwrap();
            config
        };
        assert_eq!(config().finish(false).unwrap(), ["attention", "twist"]);
        let message = config().finish(true).unwrap_err().to_string();
        for part in ["somewhere/config.json", "twist", "strict_config"] {
            assert!(message.contains(part), "{message}");
        }
        assert!(reader(json!({"use_cache": true})).finish(true).unwrap().is_empty());
    }

    #[test]
    fn null_becomes_none_false_or_the_default() {
        let mut config = reader(json!({"a": null, "b": null, "c": null, "d": null}));
        assert_eq!(config.take_or("a", Some(3)).unwrap(), None);
        assert!(!config.take_or("b", true).unwrap());
        assert_eq!(config.take_or("c", 1.5).unwrap(), 1.5);
        assert_eq!(config.take_size("d", 7).unwrap(), 7);
    }

    #[test]
    fn whole_floats_are_accepted_as_integers() {
        let mut config = reader(json!({"a": 512.0, "b": 512.5, "c": 1, "d": "512"}));
        assert_eq!(config.take_size("a", 7).unwrap(), 512);
        assert!(config.take_size("b", 7).is_err());
        assert_eq!(config.take_or("c", 0.5).unwrap(), 1.0);
        assert!(config.take_size("d", 7).is_err());
    }

    #[test]
    fn the_common_name_of_a_key_wins_over_the_familys_name() {
        let mut config = reader(json!({"hidden_size": 3, "n_embd": 4, "num_hidden_layers": null, "n_layer": 5}));
        config.rename_all(&[("hidden_size", "n_embd"), ("num_hidden_layers", "n_layer"), ("num_heads", "n_head")]);
        assert_eq!(config.json(), json!({"n_embd": 3, "n_layer": 5}));
    }

    #[test]
    fn a_size_is_at_least_one() {
        assert_eq!(reader(json!({"hidden_size": 3})).take_size("hidden_size", 7).unwrap(), 3);
        assert_eq!(reader(json!({})).take_size("hidden_size", 7).unwrap(), 7);
        let message = reader(json!({"hidden_size": 0})).take_size("hidden_size", 7).unwrap_err().to_string();
        assert!(message.contains("hidden_size") && message.contains("at least 1"), "{message}");
    }

    #[test]
    fn a_required_value_is_the_only_one_accepted() {
        for harmless in [json!(false), json!(null)] {
            reader(json!({"is_decoder": harmless})).require("is_decoder", &json!(false)).unwrap();
        }
        reader(json!({"conv_groups": 1.0})).require_any("conv_groups", &[json!(1), json!(2)]).unwrap();
        let error = reader(json!({"is_decoder": true})).require("is_decoder", &json!(false)).unwrap_err();
        assert!(error.to_string().contains("is_decoder"), "{error}");
    }
}
