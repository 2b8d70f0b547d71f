use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::rope::{Rope, RopeDefaults};
use crate::forward::input::{Limits, PositionRule};

/// Configuration keys that models with rotary positions share.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RotaryKeys {
    pub(crate) vocab_size: usize,
    pub(crate) hidden_size: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) num_key_value_heads: usize,
    pub(crate) head_dim: usize,
    #[serde(skip)]
    pub(crate) activation: Activation,
    #[serde(flatten)]
    named_activation: BTreeMap<&'static str, Value>,
    pub(crate) max_position_embeddings: usize,
    pub(crate) rope_parameters: Value,
    #[serde(skip)]
    pub(crate) rope: nn::RopeConfig,
}

/// Defaults of [`RotaryKeys`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct RotaryDefaults {
    pub(crate) vocab_size: usize,
    pub(crate) hidden_size: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) num_attention_heads: usize,
    /// Number of key/value heads; `None` for as many as query heads.
    pub(crate) num_key_value_heads: Option<usize>,
    /// Width of a head; `None` for `hidden_size / num_attention_heads`.
    pub(crate) head_dim: Option<usize>,
    /// Configuration key of the feed-forward's activation, its default name and its default value.
    pub(crate) activation: (&'static str, &'static str, Activation),
    pub(crate) max_position_embeddings: usize,
    pub(crate) rope: RopeDefaults,
}

/// Defaults of Llama 2, arXiv 2307.09288.
pub(crate) const DEFAULTS: RotaryDefaults = RotaryDefaults {
    vocab_size: 32000,
    hidden_size: 4096,
    intermediate_size: 11008,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: None,
    head_dim: None,
    activation: ("hidden_act", "silu", Activation::Silu),
    max_position_embeddings: 2048,
    rope: RopeDefaults::ROTATE_HALF,
};

/// Checkpoint names of the norms in a pre-norm layer.
pub(crate) const PRE_NORM_NAMES: [Rule; 2] = [
    Rule::Rename { field: "input_norm", stored: "input_layernorm" },
    Rule::Rename { field: "feed_forward_norm", stored: "post_attention_layernorm" },
];

/// Checkpoint names of the norms in a layer that normalizes block outputs.
pub(crate) const POST_NORM_NAMES: [Rule; 2] = [
    Rule::Rename { field: "attention_norm", stored: "post_attention_layernorm" },
    Rule::Rename { field: "output_norm", stored: "post_feedforward_layernorm" },
];

/// Which linear layers of a decoder layer have a bias.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct BiasKeys {
    attention_bias: bool,
    mlp_bias: bool,
}

impl BiasKeys {
    /// Takes the keys; there are no biases if the configuration does not say.
    ///
    /// **Errors:** `Config` naming the key that is wrong.
    pub(crate) fn read(reader: &mut ConfigReader) -> Result<Self> {
        Ok(Self {
            attention_bias: reader.take_or("attention_bias", false)?,
            mlp_bias: reader.take_or("mlp_bias", false)?,
        })
    }

    /// Gives the layer its biases.
    pub(crate) fn set(self, layer: &mut nn::DecoderLayerConfig) {
        layer.attention.has_qkv_bias = self.attention_bias;
        layer.attention.has_output_bias = self.attention_bias;
        layer.feed_forward.has_bias = self.mlp_bias;
    }
}

impl RotaryKeys {
    /// Reads the keys with these defaults.
    ///
    /// **Errors:** `Config` naming the key that is wrong.
    pub(crate) fn read(reader: &mut ConfigReader, default: RotaryDefaults) -> Result<Self> {
        let hidden_size = reader.take_size("hidden_size", default.hidden_size)?;
        let num_attention_heads = reader.take_size("num_attention_heads", default.num_attention_heads)?;
        let key_heads: Option<usize> = reader.take_or("num_key_value_heads", default.num_key_value_heads)?;
        let num_key_value_heads = key_heads.unwrap_or(num_attention_heads);
        reader.check_divides("num_key_value_heads", num_key_value_heads, "num_attention_heads", num_attention_heads)?;
        let head_dim = match reader.take_or::<Option<usize>>("head_dim", default.head_dim)? {
            Some(0) => return Err(Error::config_key(reader.file(), "head_dim", 0, "at least 1")),
            Some(head_dim) => head_dim,
            None => {
                reader.check_divides("num_attention_heads", num_attention_heads, "hidden_size", hidden_size)?;
                hidden_size / num_attention_heads
            }
        };
        let num_hidden_layers: usize = reader.take_or("num_hidden_layers", default.num_hidden_layers)?;
        reader.check_at_most("num_hidden_layers", num_hidden_layers, 1000)?;
        let max_position_embeddings = reader.take_size("max_position_embeddings", default.max_position_embeddings)?;
        let Rope { parameters, config } = Rope::read(reader, default.rope, head_dim, max_position_embeddings)?;
        let (key, name, activation) = default.activation;
        let name = reader.peek(key).cloned().unwrap_or_else(|| name.into());
        let activation = reader.take_or(key, activation)?;
        Ok(Self {
            vocab_size: reader.take_size("vocab_size", default.vocab_size)?,
            hidden_size,
            intermediate_size: reader.take_size("intermediate_size", default.intermediate_size)?,
            num_hidden_layers,
            num_attention_heads,
            num_key_value_heads,
            head_dim,
            activation,
            named_activation: [(key, name)].into(),
            max_position_embeddings,
            rope_parameters: parameters,
            rope: config,
        })
    }

    /// Attention with rotary positions and without biases.
    pub(crate) fn attention(&self) -> nn::DecoderAttentionConfig {
        let Self { num_attention_heads, num_key_value_heads, head_dim, .. } = *self;
        let plain = nn::DecoderAttentionConfig::plain(num_attention_heads, num_key_value_heads, head_dim);
        nn::DecoderAttentionConfig { rope: Some(0), ..plain }
    }

    /// Limits of an encoder with these sizes.
    pub(crate) fn limits(&self, type_vocab_size: usize) -> Limits {
        Limits {
            vocab_size: self.vocab_size,
            max_position_embeddings: None,
            type_vocab_size,
            task_type_vocab_size: None,
            embedding_size: self.hidden_size,
            hidden_size: self.hidden_size,
            positions: PositionRule::FromZero,
            bytes_per_token: 4 * (8 * self.hidden_size + 4 * self.intermediate_size),
            bytes_per_pair: 0,
            hidden_attention: 0.0,
        }
    }

    /// Token embeddings of the layers' width.
    pub(crate) fn embeddings(&self) -> nn::EncoderEmbeddingsConfig {
        nn::EncoderEmbeddingsConfig::plain(self.vocab_size, self.hidden_size)
    }

    /// An encoder of equal layers with a pooler.
    pub(crate) fn encoder(&self, embeddings: nn::EncoderEmbeddingsConfig, layer: nn::LayerConfig) -> nn::EncoderConfig {
        nn::EncoderConfig {
            hidden_size: self.hidden_size,
            embeddings,
            positions: nn::PositionsConfig::Rotary(vec![self.rope.clone()]),
            layers: vec![layer.into(); self.num_hidden_layers],
            num_runs: self.num_hidden_layers,
            norm: None,
            pooler: Some(nn::PoolerKind::Dense),
        }
    }

    /// A gated feed-forward without biases.
    pub(crate) fn feed_forward(&self) -> nn::FeedForwardConfig {
        nn::FeedForwardConfig {
            intermediate_size: self.intermediate_size,
            activation: self.activation,
            gate: nn::Gate::Activated,
            has_bias: false,
        }
    }

    /// Weight rule of checkpoints that store `gate_proj` and `up_proj` as one matrix.
    pub(crate) fn fused_gate_up(&self) -> Rule {
        let rows = [self.intermediate_size, self.intermediate_size, 0];
        Rule::Fused { fields: &["gate_proj", "up_proj"], stored: "gate_up_proj", rows, groups: 1 }
    }

    /// A pre-norm layer of [`RotaryKeys::attention`] and [`RotaryKeys::feed_forward`].
    pub(crate) fn layer(&self, norm: nn::NormConfig) -> nn::DecoderLayerConfig {
        nn::DecoderLayerConfig {
            attention: self.attention(),
            feed_forward: self.feed_forward(),
            order: nn::LayerOrder::pre_norm(norm),
            residual_multiplier: 1.0,
            experts: None,
        }
    }

    /// A decoder of the given layers with a final norm.
    pub(crate) fn decoder(
        &self,
        norm: nn::NormConfig,
        layer: impl Fn(usize) -> nn::DecoderLayerConfig,
    ) -> nn::DecoderConfig {
        nn::DecoderConfig {
            ropes: vec![self.rope.clone()],
            ..nn::DecoderConfig::plain(
                self.vocab_size,
                self.hidden_size,
                (0..self.num_hidden_layers).map(layer).collect(),
                norm,
            )
        }
    }
}
