use std::hash::{BuildHasher, Hasher, RandomState};

use serde_json::{Map, Value};
use trustformers::generation::{GenerationConfig, Settings};
use trustformers::{Error, Result};

/// Options of a generation, as in a `generation_config.json`; those that are not set are the model's.
#[derive(Clone, Debug, uniffi::Record)]
pub struct GenerationOptions {
    /// Maximum number of tokens to generate.
    #[uniffi(default = None)]
    pub max_new_tokens: Option<u32>,
    /// Minimum number of tokens to generate.
    #[uniffi(default = None)]
    pub min_new_tokens: Option<u32>,
    /// Whether tokens are sampled rather than selected greedily.
    #[uniffi(default = None)]
    pub do_sample: Option<bool>,
    /// Divides the logits; more than 1 makes unlikely tokens likelier.
    #[uniffi(default = None)]
    pub temperature: Option<f64>,
    /// Number of most likely tokens to sample from.
    #[uniffi(default = None)]
    pub top_k: Option<u32>,
    /// Probability of the set of most likely tokens to sample from.
    #[uniffi(default = None)]
    pub top_p: Option<f64>,
    /// Minimum probability of a token, relative to the most likely one.
    #[uniffi(default = None)]
    pub min_p: Option<f64>,
    /// Penalty of tokens that have occurred; 1 is none.
    #[uniffi(default = None)]
    pub repetition_penalty: Option<f64>,
    /// Size of n-grams that occur once at most.
    #[uniffi(default = None)]
    pub no_repeat_ngram_size: Option<u32>,
    /// Number of beams; 1 is no beam search.
    #[uniffi(default = None)]
    pub num_beams: Option<u32>,
    /// Strings that end the text.
    #[uniffi(default = [])]
    pub stop_strings: Vec<String>,
    /// More keys of a `generation_config.json`, as a JSON object.
    #[uniffi(default = None)]
    pub other_keys: Option<String>,
    /// Seed of the random numbers for sampling; by default a random one.
    #[uniffi(default = None)]
    pub seed: Option<u64>,
    /// Whether special tokens, such as the BOS token, are added to the prompt; false for one that a chat template
    /// rendered.
    #[uniffi(default = true)]
    pub add_special_tokens: bool,
    /// Whether special tokens are left out of the text.
    #[uniffi(default = true)]
    pub skip_special_tokens: bool,
}

impl GenerationOptions {
    /// The settings of a call of a model.
    ///
    /// **Errors:** any error of [`Settings::new`]; `Input` if `other_keys` is not a JSON object.
    pub(crate) fn settings(&self, model: &GenerationConfig) -> Result<Settings> {
        let mut keys: Map<String, Value> = match &self.other_keys {
            None => Map::new(),
            Some(json) => serde_json::from_str(json)
                .map_err(|error| Error::input("other_keys", format!("not a JSON object: {error}")))?,
        };
        let stop_strings = Some(&self.stop_strings).filter(|strings| !strings.is_empty());
        let stated: [(&str, Option<Value>); 11] = [
            ("max_new_tokens", self.max_new_tokens.map(Value::from)),
            ("min_new_tokens", self.min_new_tokens.map(Value::from)),
            ("do_sample", self.do_sample.map(Value::from)),
            ("temperature", self.temperature.map(Value::from)),
            ("top_k", self.top_k.map(Value::from)),
            ("top_p", self.top_p.map(Value::from)),
            ("min_p", self.min_p.map(Value::from)),
            ("repetition_penalty", self.repetition_penalty.map(Value::from)),
            ("no_repeat_ngram_size", self.no_repeat_ngram_size.map(Value::from)),
            ("num_beams", self.num_beams.map(Value::from)),
            ("stop_strings", stop_strings.map(|strings| strings.clone().into())),
        ];
        keys.extend(stated.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        Settings::new(model, None, &Value::Object(keys))
    }

    /// The given seed, or a random one.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or_else(|| RandomState::new().build_hasher().finish())
    }
}
