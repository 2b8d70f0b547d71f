//! GLM and GLM-4-0414: Llama with interleaved rotary positions on half of each head, query/key/value biases and a fused
//! gate/up projection. GLM-4-0414 also normalizes the outputs of its blocks.
//! Config keys and weight names: zai-org/glm-4-9b-hf and zai-org/GLM-4-9B-0414; paper arXiv 2406.12793.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::RotaryLayout;

use crate::families::keys::rope::RopeDefaults;
use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::hf_config::Epsilon;

const GLM: RotaryDefaults = RotaryDefaults {
    vocab_size: 151_552,
    intermediate_size: 13696,
    num_hidden_layers: 40,
    num_key_value_heads: Some(2),
    head_dim: Some(128),
    max_position_embeddings: 131_072,
    rope: RopeDefaults { layout: RotaryLayout::Interleaved, ..RopeDefaults::partial(0.5) },
    ..DEFAULTS
};

hf_config! {
    struct GlmKeys {
        #[serde(flatten)]
        keys: RotaryKeys = GLM,
        rms_norm_eps: Epsilon = 1.5625e-7,
        attention_bias: bool = true,
    }
}

impl GlmKeys {
    fn norm(&self) -> nn::NormConfig {
        nn::NormConfig::rms(self.rms_norm_eps)
    }

    fn layer(&self) -> nn::LayerConfig {
        let mut layer = self.keys.layer(self.norm());
        layer.attention.has_qkv_bias = self.attention_bias;
        layer
    }

    fn weights(&self) -> Vec<Rule> {
        [&PRE_NORM_NAMES[..], &[self.keys.fused_gate_up()]].concat()
    }
}

#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct GlmConfig(GlmKeys);

impl DecoderFamily for GlmConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("glm", "Glm")];
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 151_329)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        GlmKeys::read(reader).map(Self)
    }

    fn weights(&self) -> Vec<Rule> {
        self.0.weights()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let layer = self.0.layer();
        self.0.keys.decoder(self.0.norm(), |_| layer.clone())
    }
}

#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Glm4Config(GlmKeys);

impl DecoderFamily for Glm4Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("glm4", "Glm4")];
    const TOKENS: &'static [(&'static str, i64)] = GlmConfig::TOKENS;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        GlmKeys::read(reader).map(Self)
    }

    fn weights(&self) -> Vec<Rule> {
        let names = [("attention_norm", "post_self_attn_layernorm"), ("output_norm", "post_mlp_layernorm")];
        let rename = names.map(|(field, stored)| Rule::Rename { field, stored });
        [&self.0.weights()[..], &rename].concat()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = Some(self.0.norm());
        let mut layer = self.0.layer();
        layer.order = nn::LayerOrder::Sequential {
            input_norm: norm,
            attention_norm: norm,
            feed_forward_norm: norm,
            output_norm: norm,
        };
        self.0.keys.decoder(self.0.norm(), |_| layer.clone())
    }
}
