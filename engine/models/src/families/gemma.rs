//! Gemma: Llama with token embeddings scaled by `sqrt(hidden_size)` and RMS norms that store `scale - 1`.
//! Config keys and weight names: google/gemma-2b; paper arXiv 2403.08295.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::hf_config::Epsilon;

pub(crate) const GEMMA: RotaryDefaults = RotaryDefaults {
    vocab_size: 256_000,
    hidden_size: 3072,
    intermediate_size: 24576,
    num_hidden_layers: 28,
    num_attention_heads: 16,
    num_key_value_heads: Some(16),
    head_dim: Some(256),
    activation: ("hidden_act", "gelu_pytorch_tanh", Activation::GeluTanh),
    max_position_embeddings: 8192,
    ..DEFAULTS
};

pub(crate) const TOKENS: [(&str, i64); 3] = [("pad_token_id", 0), ("eos_token_id", 1), ("bos_token_id", 2)];

hf_config! {
    /// Configuration keys that Gemma shares with Gemma 2 and Gemma 3.
    pub(crate) struct GemmaKeys(reader, default: RotaryDefaults) {
        #[serde(flatten)]
        pub(crate) keys: RotaryKeys = default,
        rms_norm_eps: Epsilon = 1e-6,
        attention_bias: bool = false,
    }
}

impl GemmaKeys {
    pub(crate) fn norm(&self) -> nn::NormConfig {
        nn::NormConfig { kind: nn::NormKind::Rms { offset: 1.0 }, eps: self.rms_norm_eps }
    }

    pub(crate) fn layer(&self) -> nn::LayerConfig {
        let mut layer = self.keys.layer(self.norm());
        layer.attention.has_qkv_bias = self.attention_bias;
        layer.attention.has_output_bias = self.attention_bias;
        layer
    }

    pub(crate) fn decoder(&self, layer: impl Fn(usize) -> nn::LayerConfig) -> nn::DecoderConfig {
        let embedding_scale = (self.keys.hidden_size as f64).sqrt();
        nn::DecoderConfig { embedding_scale, ..self.keys.decoder(self.norm(), layer) }
    }
}

/// Rejects `use_bidirectional_attention`, with which the reference makes padded sequences causal and others
/// bidirectional.
pub(crate) fn refuse_bidirectional(reader: &mut ConfigReader) -> Result<()> {
    let key = "use_bidirectional_attention";
    if reader.take_or(key, false)? {
        return Err(Error::config_key(reader.file(), key, true, "false or null; \"is_causal\": false does the same"));
    }
    Ok(())
}

#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct GemmaConfig(GemmaKeys);

impl DecoderFamily for GemmaConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("gemma", "Gemma")];
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &TOKENS;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        refuse_bidirectional(reader)?;
        reader.ignore("hidden_activation");
        let mut keys = GemmaKeys::read(reader, GEMMA)?;
        // The first releases state "gelu" but were trained with the tanh approximation.
        if keys.keys.activation == Activation::GeluErf {
            keys.keys.activation = Activation::GeluTanh;
        }
        Ok(Self(keys))
    }

    fn weights(&self) -> Vec<Rule> {
        PRE_NORM_NAMES.to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        self.0.decoder(|_| self.0.layer())
    }
}
