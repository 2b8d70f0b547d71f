//! Rates of dropout from `config.json`.

use trustformers_core::{Error, Result};
use trustformers_ops::DropoutRates;

use crate::Head;
use crate::load::dropout_places::{DropoutPlaces, NONE, PLACES, Rate};
use crate::model::Description;

impl Description {
    /// Rates of dropout in training.
    ///
    /// **Errors:** `Unsupported` naming a key with a rate above zero that training would ignore.
    pub(crate) fn dropout_rates(&self) -> Result<DropoutRates> {
        let config = &self.config;
        let model_type = config["model_type"].as_str().unwrap_or_default();
        let found = PLACES.iter().find(|places| places.model_types.contains(&model_type));
        let places = found.unwrap_or(&NONE);
        let rate = |stated: Option<Rate>| {
            stated
                .map_or(0.0, |Rate(keys, default)| keys.iter().find_map(|key| config[*key].as_f64()).unwrap_or(default))
        };
        let [head_input, head_transform] = match self.head {
            Head::SequenceClassification => places.sequences,
            Head::TokenClassification => places.tokens,
            Head::QuestionAnswering => places.spans,
            Head::Base | Head::MaskedLm | Head::CausalLm | Head::Seq2SeqLm => [None; 2],
        };
        let rates = DropoutRates {
            embeddings: rate(places.embeddings),
            attention_weights: rate(places.attention_weights),
            attention_output: rate(places.attention_output),
            feed_forward_inner: rate(places.feed_forward_inner),
            feed_forward_output: rate(places.feed_forward_output),
            relative_positions: rate(places.relative_positions),
            convolution: rate(places.convolution),
            head_input: rate(head_input),
            head_transform: rate(head_transform),
        };
        let is_known = |key: &str| found.is_some() && (places.reads(key) || OF_OTHER_HEADS.contains(&key));
        let ignored = config.as_object().into_iter().flatten().find(|(key, value)| {
            let is_rate = key.contains("drop") || *key == ROUTER_NOISE;
            is_rate && value.as_f64().is_some_and(|rate| rate > 0.0) && !is_known(key)
        });
        if let Some((key, value)) = ignored {
            let message = format!("training a model of type {model_type} with {key}={value}; load it with {key}=0.0");
            return Err(Error::unsupported(message));
        }
        match rates.all().into_iter().find(|rate| !(0.0..1.0).contains(rate)) {
            Some(rate) => Err(Error::unsupported(format!("training with a dropout of {rate}; expected one below 1"))),
            None => Ok(rates),
        }
    }
}

/// Rates of heads that no model here has.
const OF_OTHER_HEADS: [&str; 2] = ["summary_first_dropout", "summary_last_dropout"];

/// Noise of a router's inputs in training.
const ROUTER_NOISE: &str = "router_jitter_noise";

impl DropoutPlaces {
    /// Whether a key has a place here, or none in the reference.
    fn reads(&self, key: &str) -> bool {
        let of_layers = [
            self.embeddings,
            self.attention_weights,
            self.attention_output,
            self.feed_forward_inner,
            self.feed_forward_output,
            self.relative_positions,
            self.convolution,
        ];
        let of_heads = [self.sequences, self.tokens, self.spans].into_iter().flatten();
        let mut read = of_layers.into_iter().chain(of_heads).flatten();
        self.unread.contains(&key) || read.any(|Rate(keys, _)| keys.contains(&key))
    }
}
