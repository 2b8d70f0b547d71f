//! ERNIE 4.5: Llama with an interleaved rotary position embedding.
//! Config keys and weight names: baidu/ERNIE-4.5-0.3B-PT.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::RotaryLayout;

use crate::families::keys::rope::RopeDefaults;
use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::head::Head;
use crate::hf_config::Epsilon;

hf_config! {
    pub(crate) struct Ernie45Config {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 103_424,
            hidden_size: 1024,
            intermediate_size: 3072,
            num_hidden_layers: 18,
            num_attention_heads: 16,
            num_key_value_heads: Some(2),
            head_dim: Some(128),
            max_position_embeddings: 131_072,
            rope: RopeDefaults { theta: 500_000.0, layout: RotaryLayout::Interleaved, ..RopeDefaults::ROTATE_HALF },
            ..DEFAULTS
        },
        rms_norm_eps: Epsilon = 1e-5,
        use_bias: bool = false,
    }
}

impl DecoderFamily for Ernie45Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("ernie4_5", "Ernie4_5")];
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 0), ("bos_token_id", 1), ("eos_token_id", 2)];
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        PRE_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let mut layer = self.keys.layer(norm);
        layer.attention.has_qkv_bias = self.use_bias;
        layer.attention.has_output_bias = self.use_bias;
        layer.feed_forward.has_bias = self.use_bias;
        self.keys.decoder(norm, |_| layer.clone())
    }
}
