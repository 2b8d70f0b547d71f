//! Mistral: Llama with sliding-window attention.
//! Config keys and weight names: mistralai/Mistral-7B-v0.1; paper arXiv 2310.06825.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::families::keys::windows::window_of_all;
use crate::family::DecoderFamily;

#[derive(Serialize)]
pub(crate) struct MistralConfig {
    #[serde(flatten)]
    keys: RotaryKeys,
    rms_norm_eps: f64,
    sliding_window: Option<usize>,
}

impl DecoderFamily for MistralConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("mistral", "Mistral")];
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 1), ("eos_token_id", 2)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let default = RotaryDefaults {
            intermediate_size: 14336,
            num_key_value_heads: Some(8),
            max_position_embeddings: 4096 * 32,
            ..DEFAULTS
        };
        Ok(Self {
            keys: RotaryKeys::read(reader, default)?,
            rms_norm_eps: reader.take_or("rms_norm_eps", 1e-6)?,
            sliding_window: window_of_all(reader, Some(4096))?,
        })
    }

    fn weights(&self) -> Vec<Rule> {
        PRE_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let mut layer = self.keys.layer(norm);
        layer.attention.window = self.sliding_window;
        self.keys.decoder(norm, |_| layer.clone())
    }
}
