//! BERT: post-norm encoder with learned absolute positions and a pooler.
//! Config keys and weight names: google-bert/bert-base-uncased; paper arXiv 1810.04805.

use serde_json::json;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result, hf_config};
use trustformers_nn as nn;
use trustformers_ops::{Activation, EngineBackend};

use crate::families::EncoderFamily;
use crate::input::Limits;

hf_config! {
    /// The keys of a BERT `config.json`, with the defaults of `BertConfig` in transformers 5.23.0.
    pub struct BertConfig {
        vocab_size: usize = 30522,
        hidden_size: usize = 768,
        num_hidden_layers: usize = 12,
        num_attention_heads: usize = 12,
        intermediate_size: usize = 3072,
        hidden_act: Activation = Activation::GeluErf,
        max_position_embeddings: usize = 512,
        type_vocab_size: usize = 2,
        layer_norm_eps: f64 = 1e-12,
    }
}

impl EncoderFamily for BertConfig {
    const MODEL_TYPES: &'static [&'static str] = &["bert"];
    const WEIGHTS: &'static [Rule] = &[
        Rule::OptionalPrefix("bert."),
        Rule::Rename { field: "self_", stored: "self" },
        Rule::Rename { field: "layer_norm", stored: "LayerNorm" },
        Rule::Buffer("embeddings.position_ids"),
        Rule::OtherModule("cls."),
        Rule::OtherModule("classifier."),
        Rule::OtherModule("qa_outputs."),
    ];
    type Layer<B: EngineBackend> = nn::PostNormLayer<B>;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.require("position_embedding_type", &json!("absolute"))?;
        reader.require("is_decoder", &json!(false))?;
        reader.require("add_cross_attention", &json!(false))?;
        reader.require("chunk_size_feed_forward", &json!(0))?;
        let config = Self::read(reader)?;
        reader.check_at_most("num_hidden_layers", config.num_hidden_layers, 1000)?;
        reader.check_divides("num_attention_heads", config.num_attention_heads, "hidden_size", config.hidden_size)?;
        Ok(config)
    }

    fn limits(&self) -> Limits {
        Limits {
            vocab_size: self.vocab_size,
            max_position_embeddings: self.max_position_embeddings,
            type_vocab_size: self.type_vocab_size,
            // Input, query, key, value, context and sum of one layer; the feed-forward's two; in f32.
            bytes_per_token: 4 * (6 * self.hidden_size + 2 * self.intermediate_size),
        }
    }

    fn encoder<B: EngineBackend>(&self, device: &B::Device) -> nn::Encoder<B, Self::Layer<B>> {
        let embeddings = nn::EncoderEmbeddingsConfig {
            vocab_size: self.vocab_size,
            max_position_embeddings: self.max_position_embeddings,
            type_vocab_size: self.type_vocab_size,
            hidden_size: self.hidden_size,
            layer_norm_eps: self.layer_norm_eps,
        };
        let layer = nn::PostNormConfig {
            attention: nn::AttentionConfig {
                hidden_size: self.hidden_size,
                num_attention_heads: self.num_attention_heads,
            },
            intermediate_size: self.intermediate_size,
            hidden_act: self.hidden_act,
            layer_norm_eps: self.layer_norm_eps,
        };
        nn::Encoder::new(
            nn::EncoderEmbeddings::new(&embeddings, device),
            (0..self.num_hidden_layers).map(|_| nn::PostNormLayer::new(&layer, device)).collect(),
            Some(nn::Pooler::new(self.hidden_size, device)),
        )
    }
}
