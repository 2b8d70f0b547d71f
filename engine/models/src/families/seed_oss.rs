//! Seed-OSS: Llama with query/key/value biases.
//! Config keys and weight names: ByteDance-Seed/Seed-OSS-36B-Instruct.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::hf_config::Epsilon;

hf_config! {
    pub(crate) struct SeedOssConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 155_136,
            intermediate_size: 27648,
            num_hidden_layers: 64,
            num_attention_heads: 80,
            num_key_value_heads: Some(8),
            head_dim: Some(128),
            max_position_embeddings: 524_288,
            ..DEFAULTS
        },
        rms_norm_eps: Epsilon = 1e-6,
        attention_bias: bool = true,
        attention_out_bias: bool = false,
        mlp_bias: bool = false,
    }
}

impl DecoderFamily for SeedOssConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("seed_oss", "SeedOss")];
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 1), ("bos_token_id", 0), ("eos_token_id", 2)];

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
        layer.attention.has_output_bias = self.attention_out_bias;
        layer.feed_forward.has_bias = self.mlp_bias;
        self.keys.decoder(norm, |_| layer.clone())
    }
}
