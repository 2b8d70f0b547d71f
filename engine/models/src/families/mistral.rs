//! Mistral: Llama with sliding-window attention.
//! Config keys and weight names: mistralai/Mistral-7B-v0.1; paper arXiv 2310.06825.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::hf_config::{Epsilon, OptionalSize};

hf_config! {
    pub(crate) struct MistralConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            intermediate_size: 14336,
            num_key_value_heads: Some(8),
            max_position_embeddings: 4096 * 32,
            ..DEFAULTS
        },
        rms_norm_eps: Epsilon = 1e-6,
        sliding_window: OptionalSize = Some(4096),
    }
}

impl DecoderFamily for MistralConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("mistral", "Mistral")];
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 1), ("eos_token_id", 2)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        PRE_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let mut layer = self.keys.layer(norm);
        layer.attention.scores.window = self.sliding_window;
        self.keys.decoder(norm, |_| layer.clone())
    }
}
