use serde_json::json;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::forward::input::{Limits, PositionRule};
use crate::hf_config::{Epsilon, LayerCount, Size};

hf_config! {
    /// Configuration keys that BERT-like encoders share, under BERT's names.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct PostNormKeys(reader, default: Self) {
        pub(crate) vocab_size: Size = default.vocab_size,
        pub(crate) hidden_size: Size = default.hidden_size,
        pub(crate) num_hidden_layers: LayerCount = default.num_hidden_layers,
        pub(crate) num_attention_heads: usize = default.num_attention_heads,
        pub(crate) intermediate_size: Size = default.intermediate_size,
        pub(crate) hidden_act: Activation = default.hidden_act,
        pub(crate) max_position_embeddings: Size = default.max_position_embeddings,
        pub(crate) layer_norm_eps: Epsilon = default.layer_norm_eps,
    }
    check = Self::check;
}

/// The defaults of `BertConfig` in transformers 5.23.0.
pub(crate) const BERT: PostNormKeys = PostNormKeys {
    vocab_size: 30522,
    hidden_size: 768,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    intermediate_size: 3072,
    hidden_act: Activation::GeluErf,
    max_position_embeddings: 512,
    layer_norm_eps: 1e-12,
};

/// Checkpoint names of BERT's layers, and of its norms elsewhere.
pub(crate) const BERT_NAMES: &[Rule] = &[
    Rule::Rename { field: "self_attn.q_proj", stored: "attention.self.query" },
    Rule::Rename { field: "self_attn.k_proj", stored: "attention.self.key" },
    Rule::Rename { field: "self_attn.v_proj", stored: "attention.self.value" },
    Rule::Rename { field: "self_attn.o_proj", stored: "attention.output.dense" },
    Rule::Rename { field: "feed_forward_norm", stored: "attention.output.LayerNorm" },
    Rule::Rename { field: "mlp.up_proj", stored: "intermediate.dense" },
    Rule::Rename { field: "mlp.down_proj", stored: "output.dense" },
    Rule::Rename { field: "output_norm", stored: "output.LayerNorm" },
    Rule::Rename { field: "layer_norm", stored: "LayerNorm" },
];

impl PostNormKeys {
    fn check(&self, reader: &mut ConfigReader) -> Result<()> {
        // With these keys the reference turns the encoder into a decoder.
        for key in ["is_decoder", "add_cross_attention", "is_causal"] {
            reader.require(key, &json!(false))?;
        }
        reader.check_divides("num_attention_heads", self.num_attention_heads, "hidden_size", self.hidden_size)
    }

    pub(crate) fn limits(&self, type_vocab_size: usize, positions: PositionRule) -> Limits {
        Limits {
            vocab_size: self.vocab_size,
            max_position_embeddings: Some(self.max_position_embeddings),
            type_vocab_size,
            task_type_vocab_size: None,
            embedding_size: self.hidden_size,
            hidden_size: self.hidden_size,
            positions,
            // Input, query, key, value, context and residual of one layer, and two of the feed-forward; in f32.
            bytes_per_token: 4 * (6 * self.hidden_size + 2 * self.intermediate_size),
            bytes_per_pair: 0,
            hidden_attention: 0.0,
        }
    }

    /// Token and position embeddings of the layers' width.
    pub(crate) fn embeddings(&self) -> nn::EncoderEmbeddingsConfig {
        nn::EncoderEmbeddingsConfig {
            num_positions: Some(self.max_position_embeddings),
            norm: Some(self.norm()),
            ..nn::EncoderEmbeddingsConfig::plain(self.vocab_size, self.hidden_size)
        }
    }

    /// Self-attention with biases.
    pub(crate) fn attention(&self) -> nn::AttentionConfig {
        let Self { num_attention_heads, hidden_size, .. } = *self;
        // Loading rejects a configuration whose heads do not divide the width.
        let head_dim = hidden_size / num_attention_heads.max(1);
        nn::AttentionConfig {
            has_qkv_bias: true,
            has_output_bias: true,
            ..nn::AttentionConfig::plain(num_attention_heads, num_attention_heads, head_dim)
        }
    }

    /// A post-norm layer.
    pub(crate) fn layer(&self) -> nn::LayerConfig {
        let feed_forward = nn::FeedForwardConfig::plain(self.intermediate_size, self.hidden_act);
        nn::LayerConfig::plain(self.attention(), feed_forward, nn::LayerOrder::post_norm(self.norm()))
    }

    pub(crate) fn norm(&self) -> nn::NormConfig {
        nn::NormConfig::layer(self.layer_norm_eps, true)
    }

    /// An encoder of equal layers with absolute positions and a pooler.
    pub(crate) fn encoder(
        &self,
        embeddings: nn::EncoderEmbeddingsConfig,
        layer: impl Into<nn::EncoderLayerConfig>,
    ) -> nn::EncoderConfig {
        let layers = vec![layer.into(); self.num_hidden_layers];
        nn::EncoderConfig {
            pooler: Some(nn::PoolerKind::Dense),
            ..nn::EncoderConfig::plain(self.hidden_size, embeddings, nn::PositionsConfig::Absolute, layers)
        }
    }

    /// An encoder of pre-norm layers with absolute positions, a final norm and a pooler.
    pub(crate) fn pre_norm_encoder(&self, embeddings: nn::EncoderEmbeddingsConfig) -> nn::EncoderConfig {
        let layer = nn::LayerConfig { order: nn::LayerOrder::pre_norm(self.norm()), ..self.layer() };
        nn::EncoderConfig { norm: Some(self.norm()), ..self.encoder(embeddings, layer) }
    }
}
