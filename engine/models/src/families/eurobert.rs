//! EuroBERT: Llama's layers with bidirectional attention, and BERT's heads.
//! Config keys and weight names: EuroBERT/EuroBERT-210m; paper arXiv 2503.05500.

use serde::{Deserialize, Serialize};
use serde_json::json;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::{Activation, EngineBackend, Heads};

use crate::families::keys::rotary::{DEFAULTS, RotaryDefaults, RotaryKeys};
use crate::family::{EncoderFamily, EncoderOf};
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec, dense};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pooling {
    Bos,
    Mean,
    Late,
}

hf_config! {
    pub(crate) struct EuroBertConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 128_256,
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            max_position_embeddings: 8192,
            ..DEFAULTS
        },
        rms_norm_eps: f64 = 1e-5,
        attention_bias: bool = false,
        mlp_bias: bool = false,
        classifier_pooling: Pooling = Pooling::Late,
    }
}

impl EncoderFamily for EuroBertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("eurobert", "EuroBert")];
    const PREFIX: &'static str = "model";
    const HEADS: &'static [Head] =
        &[Head::Base, Head::MaskedLm, Head::SequenceClassification, Head::TokenClassification];
    const TOKENS: &'static [(&'static str, i64)] =
        &[("pad_token_id", 128_001), ("bos_token_id", 128_000), ("eos_token_id", 128_001), ("mask_token_id", 128_002)];
    const WEIGHTS: &'static [Rule] = &[
        Rule::Buffer("rotary_emb.inv_freq"),
        Rule::Rename { field: "embeddings.word_embeddings", stored: "embed_tokens" },
        Rule::Rename { field: "encoder.layer", stored: "layers" },
        Rule::Rename { field: "encoder.norm", stored: "norm" },
        Rule::Rename { field: "attention.query", stored: "self_attn.q_proj" },
        Rule::Rename { field: "attention.key", stored: "self_attn.k_proj" },
        Rule::Rename { field: "attention.value", stored: "self_attn.v_proj" },
        Rule::Rename { field: "o_proj", stored: "self_attn.o_proj" },
        Rule::Rename { field: "attention_norm", stored: "input_layernorm" },
        Rule::Rename { field: "feed_forward_norm", stored: "post_attention_layernorm" },
    ];
    type Positions<B: EngineBackend> = nn::RopePositions;
    type Layer<B: EngineBackend> = nn::ResidualLayer<B, nn::RotaryProjections<B>>;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.require("is_causal", &json!(false))?;
        let config = Self::read(reader)?;
        let RotaryKeys { num_attention_heads, hidden_size, .. } = config.keys;
        reader.check_divides("num_attention_heads", num_attention_heads, "hidden_size", hidden_size)?;
        Ok(config)
    }

    fn ties_embeddings(stated: Option<bool>) -> bool {
        stated.unwrap_or(false)
    }

    fn limits(&self) -> Limits {
        self.keys.limits(usize::MAX)
    }

    fn encoder<B: EngineBackend>(&self, _has_pooler: bool, device: &B::Device) -> EncoderOf<Self, B> {
        let RotaryKeys { hidden_size, num_attention_heads, num_key_value_heads, head_dim, .. } = self.keys;
        let embeddings = nn::EncoderEmbeddingsConfig {
            vocab_size: self.keys.vocab_size,
            num_positions: None,
            num_token_types: None,
            num_task_types: None,
            embedding_size: hidden_size,
            input_projection: None,
            projected_size: None,
            norm: None,
        };
        let attention = nn::RotaryProjectionsConfig {
            hidden_size,
            heads: Heads { num_heads: num_attention_heads, num_kv_heads: num_key_value_heads, head_dim },
            has_bias: self.attention_bias,
            rotates_values: false,
        };
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let config = nn::ResidualLayerConfig {
            hidden_size,
            attention_size: num_attention_heads * head_dim,
            has_output_bias: self.attention_bias,
            feed_forward: nn::FeedForwardConfig { has_bias: self.mlp_bias, ..self.keys.feed_forward() },
            norm,
            order: nn::NormOrder::Before,
        };
        let layer = |_| nn::ResidualLayer::new(&config, nn::RotaryProjections::new(&attention, device), device);
        let layers = (0..self.keys.num_hidden_layers).map(layer).collect();
        let positions = nn::RopePositions::new(self.keys.rope.clone());
        let layers = nn::Layers::new(positions, layers).with_norm(norm.build(hidden_size, device));
        nn::Encoder::new(nn::EncoderEmbeddings::new(&embeddings, device), layers, None)
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        let input = match self.classifier_pooling {
            Pooling::Bos => nn::HeadInput::First,
            Pooling::Mean => nn::HeadInput::Mean,
            Pooling::Late => nn::HeadInput::MeanOfLogits,
        };
        match head {
            Head::Base | Head::CausalLm | Head::QuestionAnswering => None,
            Head::MaskedLm => Some(HeadSpec::linear(&[("head.output", "lm_head")], self.mlp_bias)),
            Head::SequenceClassification => Some(HeadSpec {
                transform: Some(dense(self.keys.hidden_size, Activation::GeluErf)),
                names: &[("head.transform.dense", "dense"), ("head.output", "classifier")],
                ..HeadSpec::classifier(input)
            }),
            Head::TokenClassification => Some(HeadSpec::classifier(nn::HeadInput::EveryToken)),
        }
    }
}
