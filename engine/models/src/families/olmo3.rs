//! OLMo 3: OLMo 2 with a sliding window in most layers, which have their own rotary parameters.
//! Config keys and weight names: allenai/Olmo-3-7B-Instruct.

use serde_json::{Map, Value, json};
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rope::Rope;
use crate::families::keys::rotary::{POST_NORM_NAMES, RotaryKeys};
use crate::families::keys::windows::Windows;
use crate::families::olmo2::OLMO;
use crate::family::DecoderFamily;
use crate::head::Head;
use crate::hf_config::Epsilon;

const THETA: f64 = 500_000.0;

hf_config! {
    pub(crate) struct Olmo3Config(reader, parameters: Map<String, Value>, theta: f64) {
        #[serde(flatten)]
        keys: RotaryKeys = OLMO,
        rms_norm_eps: Epsilon = 1e-5,
        attention_bias: bool = false,
        #[serde(flatten)]
        windows: Windows => {
            let is_sliding = |index: usize| !(index + 1).is_multiple_of(4);
            Windows::read(reader, keys.num_hidden_layers, Some(4096), is_sliding)?
        },
        /// Rotary positions of full-attention layers and of sliding-window layers.
        #[serde(skip)]
        ropes: [Rope; 2] => Rope::by_layer_type(reader, &parameters, [theta, THETA], keys.lengths())?,
    }
}

impl DecoderFamily for Olmo3Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("olmo3", "Olmo3")];
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 1), ("eos_token_id", 50279)];
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm, Head::SequenceClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let stated: Option<Map<String, Value>> = reader.take_or("rope_parameters", None)?;
        let mut parameters = stated.unwrap_or_default();
        if let Value::Object(scaling) = reader.take_or("rope_scaling", Value::Null)? {
            let full = parameters.entry("full_attention").or_insert_with(|| json!({}));
            if let Some(full) = full.as_object_mut() {
                full.extend(scaling);
            }
        }
        // The reference applies `rope_theta` to full-attention layers only.
        let theta = reader.take_or("rope_theta", THETA)?;
        let mut config = Self::read(reader, parameters, theta)?;
        config.keys.rotary.parameters = Rope::parameters_by_layer_type(&config.ropes);
        Ok(config)
    }

    fn weights(&self) -> Vec<Rule> {
        POST_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let decoder = self.keys.decoder(norm, |index| {
            let mut layer = self.keys.layer(norm);
            layer.order = nn::LayerOrder::reordered_norm(norm);
            layer.attention.has_qkv_bias = self.attention_bias;
            layer.attention.has_output_bias = self.attention_bias;
            layer.attention.qk_norm = Some(nn::QkNorm::Whole(norm));
            layer.attention.scores.window = self.windows.of(index);
            layer.attention.rope = Some(usize::from(layer.attention.scores.window.is_some()));
            layer
        });
        nn::DecoderConfig { ropes: self.ropes.iter().map(|rope| rope.config.clone()).collect(), ..decoder }
    }
}
