//! Helium: Llama with interleaved rotary positions and no bias in `o_proj`.
//! Config keys and weight names: `models/helium` of transformers 5.23.0.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::RotaryLayout;

use crate::families::keys::rope::RopeDefaults;
use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::hf_config::Epsilon;

hf_config! {
    pub(crate) struct HeliumConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 48000,
            hidden_size: 2560,
            intermediate_size: 7040,
            num_hidden_layers: 24,
            num_attention_heads: 20,
            num_key_value_heads: Some(20),
            head_dim: Some(128),
            max_position_embeddings: 4096,
            rope: RopeDefaults { theta: 100_000.0, layout: RotaryLayout::Interleaved, ..RopeDefaults::ROTATE_HALF },
            ..DEFAULTS
        },
        rms_norm_eps: Epsilon = 1e-8,
        attention_bias: bool = false,
        mlp_bias: bool = false,
    }
}

impl DecoderFamily for HeliumConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("helium", "Helium")];
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 3), ("bos_token_id", 1), ("eos_token_id", 2)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        PRE_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let mut layer = self.keys.layer(norm);
        layer.attention.has_qkv_bias = self.attention_bias;
        layer.feed_forward.has_bias = self.mlp_bias;
        self.keys.decoder(norm, |_| layer.clone())
    }
}
