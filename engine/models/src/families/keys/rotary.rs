use std::collections::BTreeMap;

use serde_json::Value;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::rope::{Lengths, Rope, RopeDefaults};
use crate::forward::input::{Limits, PositionRule};
use crate::hf_config::{Key, LayerCount, Size};

hf_config! {
    /// Configuration keys that models with rotary positions share.
    #[derive(Clone, Debug)]
    pub(crate) struct RotaryKeys(reader, default: RotaryDefaults) {
        pub(crate) vocab_size: Size = default.vocab_size,
        pub(crate) hidden_size: Size = default.hidden_size,
        pub(crate) intermediate_size: Size = default.intermediate_size,
        pub(crate) num_hidden_layers: LayerCount = default.num_hidden_layers,
        pub(crate) num_attention_heads: Size = default.num_attention_heads,
        pub(crate) num_key_value_heads: KeyValueHeadCount = (default.num_key_value_heads, num_attention_heads),
        pub(crate) head_dim: HeadDim = (default.head_dim, hidden_size, num_attention_heads),
        #[serde(flatten)]
        named_activation: BTreeMap<&'static str, Value> => {
            let (key, name, _) = default.activation;
            [(key, reader.peek(key).cloned().unwrap_or_else(|| name.into()))].into()
        },
        #[serde(skip)]
        pub(crate) activation: Activation => reader.take_or(default.activation.0, default.activation.2)?,
        pub(crate) max_position_embeddings: Size = default.max_position_embeddings,
        #[serde(flatten)]
        pub(crate) rotary: Rope => Rope::read(reader, default.rope, head_dim, max_position_embeddings)?,
    }
}

/// Number of key/value heads, by default as many as query heads; the default is `(count, num_attention_heads)`.
pub(crate) struct KeyValueHeadCount;

impl Key for KeyValueHeadCount {
    type Value = usize;
    type Default = (Option<usize>, usize);

    fn read(reader: &mut ConfigReader, key: &str, (default, num_attention_heads): Self::Default) -> Result<usize> {
        let stated: Option<usize> = reader.take_or(key, default)?;
        let count = stated.unwrap_or(num_attention_heads);
        reader.check_divides(key, count, "num_attention_heads", num_attention_heads)?;
        Ok(count)
    }
}

/// Width of a head, by default `hidden_size / num_attention_heads`; the default is
/// `(width, hidden_size, num_attention_heads)`.
pub(crate) struct HeadDim;

impl Key for HeadDim {
    type Value = usize;
    type Default = (Option<usize>, usize, usize);

    fn read(reader: &mut ConfigReader, key: &str, (default, hidden_size, count): Self::Default) -> Result<usize> {
        match reader.take_or(key, default)? {
            Some(0) => Err(Error::config_key(reader.file(), key, 0, "at least 1")),
            Some(head_dim) => Ok(head_dim),
            None => {
                reader.check_divides("num_attention_heads", count, "hidden_size", hidden_size)?;
                Ok(hidden_size / count)
            }
        }
    }
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

hf_config! {
    /// Which linear layers of a decoder layer have a bias.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct BiasKeys {
        attention_bias: bool = false,
        mlp_bias: bool = false,
    }
}

impl BiasKeys {
    /// Gives the layer its biases.
    pub(crate) fn set(self, layer: &mut nn::LayerConfig) {
        layer.attention.has_qkv_bias = self.attention_bias;
        layer.attention.has_output_bias = self.attention_bias;
        layer.feed_forward.has_bias = self.mlp_bias;
    }
}

/// Limits of an encoder with rotary positions and gated MLPs.
pub(crate) fn gated_limits(
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    type_vocab_size: usize,
) -> Limits {
    Limits {
        vocab_size,
        max_position_embeddings: None,
        type_vocab_size,
        task_type_vocab_size: None,
        embedding_size: hidden_size,
        hidden_size,
        positions: PositionRule::FromZero,
        bytes_per_token: 4 * (8 * hidden_size + 4 * intermediate_size),
        bytes_per_pair: 0,
        hidden_attention: 0.0,
    }
}

impl RotaryKeys {
    /// Sizes that rotary scalings depend on.
    pub(crate) fn lengths(&self) -> Lengths {
        Lengths { head_dim: self.head_dim, max_position_embeddings: self.max_position_embeddings, original: None }
    }

    /// Attention with rotary positions and without biases.
    pub(crate) fn attention(&self) -> nn::AttentionConfig {
        let Self { num_attention_heads, num_key_value_heads, head_dim, .. } = *self;
        let plain = nn::AttentionConfig::plain(num_attention_heads, num_key_value_heads, head_dim);
        nn::AttentionConfig { rope: Some(0), ..plain }
    }

    /// Limits of an encoder with these sizes.
    pub(crate) fn limits(&self, type_vocab_size: usize) -> Limits {
        gated_limits(self.vocab_size, self.hidden_size, self.intermediate_size, type_vocab_size)
    }

    /// Token embeddings of the layers' width.
    pub(crate) fn embeddings(&self) -> nn::EncoderEmbeddingsConfig {
        nn::EncoderEmbeddingsConfig::plain(self.vocab_size, self.hidden_size)
    }

    /// An encoder of equal layers with a pooler.
    pub(crate) fn encoder(&self, embeddings: nn::EncoderEmbeddingsConfig, layer: nn::LayerConfig) -> nn::EncoderConfig {
        let layers = vec![layer.into(); self.num_hidden_layers];
        let positions = nn::PositionsConfig::Rotary(vec![self.rotary.config.clone()]);
        nn::EncoderConfig {
            pooler: Some(nn::PoolerKind::Dense),
            ..nn::EncoderConfig::plain(self.hidden_size, embeddings, positions, layers)
        }
    }

    /// A gated feed-forward without biases.
    pub(crate) fn feed_forward(&self) -> nn::FeedForwardConfig {
        nn::FeedForwardConfig::gated(self.intermediate_size, self.activation, false)
    }

    /// Weight rule of checkpoints that store `gate_proj` and `up_proj` as one matrix.
    pub(crate) fn fused_gate_up(&self) -> Rule {
        let rows = [self.intermediate_size, self.intermediate_size, 0];
        Rule::Fused { fields: &["gate_proj", "up_proj"], stored: "gate_up_proj", rows, groups: 1 }
    }

    /// A pre-norm layer of [`RotaryKeys::attention`] and [`RotaryKeys::feed_forward`].
    pub(crate) fn layer(&self, norm: nn::NormConfig) -> nn::LayerConfig {
        nn::LayerConfig::plain(self.attention(), self.feed_forward(), nn::LayerOrder::pre_norm(norm))
    }

    /// A decoder of the given layers with a final norm.
    pub(crate) fn decoder(&self, norm: nn::NormConfig, layer: impl Fn(usize) -> nn::LayerConfig) -> nn::DecoderConfig {
        nn::DecoderConfig {
            ropes: vec![self.rotary.config.clone()],
            ..nn::DecoderConfig::plain(
                self.vocab_size,
                self.hidden_size,
                (0..self.num_hidden_layers).map(layer).collect(),
                norm,
            )
        }
    }
}
