use serde_json::json;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::{Activation, EngineBackend};

use crate::forward::input::{Limits, PositionRule};
use crate::hf_config::{LayerCount, Size};

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
        pub(crate) layer_norm_eps: f64 = default.layer_norm_eps,
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
            vocab_size: self.vocab_size,
            num_positions: Some(self.max_position_embeddings),
            num_token_types: None,
            num_task_types: None,
            embedding_size: self.hidden_size,
            input_projection: None,
            projected_size: None,
            norm: Some(nn::NormConfig::layer(self.layer_norm_eps, true)),
        }
    }

    pub(crate) fn attention(&self) -> nn::AttentionConfig {
        nn::AttentionConfig { hidden_size: self.hidden_size, num_attention_heads: self.num_attention_heads }
    }

    pub(crate) fn layer<B: EngineBackend, A: nn::AttentionBlock<B>>(
        &self,
        attention: A,
        device: &B::Device,
    ) -> nn::PostNormLayer<B, A> {
        let config = nn::PostNormConfig {
            hidden_size: self.hidden_size,
            intermediate_size: self.intermediate_size,
            hidden_act: self.hidden_act,
            layer_norm_eps: self.layer_norm_eps,
        };
        nn::PostNormLayer::new(&config, attention, device)
    }

    /// Post-norm layers with plain self-attention.
    pub(crate) fn plain_layers<B: EngineBackend>(&self, device: &B::Device) -> Vec<PlainLayer<B>> {
        let layer = |_| self.layer(nn::SelfAttention::new(&self.attention(), device), device);
        (0..self.num_hidden_layers).map(layer).collect()
    }

    /// A post-norm encoder with plain self-attention and absolute positions.
    pub(crate) fn encoder<B: EngineBackend>(
        &self,
        embeddings: nn::EncoderEmbeddingsConfig,
        has_pooler: bool,
        device: &B::Device,
    ) -> nn::Encoder<B, nn::EmbeddedPositions, PlainLayer<B>> {
        nn::Encoder::new(
            nn::EncoderEmbeddings::new(&embeddings, device),
            nn::Layers::new(nn::EmbeddedPositions, self.plain_layers(device)),
            has_pooler.then(|| nn::Pooler::new(self.hidden_size, device)),
        )
    }
}

/// A post-norm layer with plain self-attention.
pub(crate) type PlainLayer<B> = nn::PostNormLayer<B, nn::SelfAttention<B>>;
