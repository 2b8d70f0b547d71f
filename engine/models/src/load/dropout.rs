//! Rates of dropout from `config.json`.

use trustformers_core::{Error, Result};
use trustformers_ops::DropoutRates;

use crate::Head;
use crate::load::dropout_places::{NONE, PLACES, Rate};
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
            Head::Base | Head::Encoder | Head::MaskedLm | Head::CausalLm | Head::Seq2SeqLm => [None; 2],
        };
        let rates = DropoutRates {
            embeddings: rate(places.embeddings),
            attention_weights: rate(places.attention_weights),
            attention_output: rate(places.attention_output),
            feed_forward_inner: rate(places.feed_forward_inner),
            feed_forward_output: rate(places.feed_forward_output),
            relative_positions: rate(places.relative_positions),
            convolution: rate(places.convolution),
            last_hidden_state: rate(places.last_hidden_state),
            head_input: rate(head_input),
            head_transform: rate(head_transform),
            encoder_layers: rate(places.encoder_layers),
            decoder_layers: rate(places.decoder_layers),
        };
        let refused: Vec<(&str, f64)> = match found {
            Some(places) => places.refused.iter().map(|refused| (refused.0[0], rate(Some(*refused)))).collect(),
            None => {
                let all = config.as_object().into_iter().flatten().filter(|(key, _)| key.contains("drop"));
                all.filter_map(|(key, value)| Some((key.as_str(), value.as_f64()?))).collect()
            }
        };
        if let Some((key, value)) = refused.into_iter().find(|(_, rate)| *rate > 0.0) {
            let message = format!("training a model of type {model_type} with {key}={value}; load it with {key}=0.0");
            return Err(Error::unsupported(message));
        }
        match rates.all().into_iter().find(|rate| !(0.0..1.0).contains(rate)) {
            Some(rate) => Err(Error::unsupported(format!("training with a dropout of {rate}; expected one below 1"))),
            None => Ok(rates),
        }
    }
}
