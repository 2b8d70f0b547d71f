//! ModernBERT: BERT with pre-norm layers, gated MLPs, rotary positions and, in most layers, local attention.
//! Config keys and weight names: answerdotai/ModernBERT-base; paper arXiv 2412.13663.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::rope::{Lengths, Rope};
use crate::families::keys::rotary::gated_limits;
use crate::families::keys::windows::{LayerType, Windows};
use crate::family::EncoderFamily;
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec};
use crate::hf_config::{Epsilon, HeadCount, LayerCount, Size};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pooling {
    Cls,
    Mean,
}

hf_config! {
    pub(crate) struct ModernBertConfig(reader) {
        vocab_size: Size = 50368,
        hidden_size: Size = 768,
        intermediate_size: Size = 1152,
        num_hidden_layers: LayerCount = 22,
        num_attention_heads: HeadCount = (12, "hidden_size", hidden_size),
        hidden_activation: Activation = Activation::GeluErf,
        max_position_embeddings: Size = 8192,
        norm_eps: Epsilon = 1e-5,
        norm_bias: bool = false,
        attention_bias: bool = false,
        mlp_bias: bool = false,
        /// Stated `layer_types`; null if the layers follow `global_attn_every_n_layers`.
        #[serde(rename = "layer_types")]
        stated_types: Value => reader.peek("layer_types").cloned().unwrap_or_default(),
        global_attn_every_n_layers: usize = 3,
        /// Rotary positions of full-attention layers and of sliding-window layers.
        #[serde(skip)]
        ropes: [Rope; 2] => read_ropes(reader, [hidden_size, num_attention_heads], max_position_embeddings)?,
        rope_parameters: Value => Rope::parameters_by_layer_type(&ropes),
        local_attention: usize => read_local_attention(reader)?,
        decoder_bias: bool = true,
        classifier_pooling: Pooling = Pooling::Cls,
        classifier_bias: bool = false,
        classifier_activation: Activation = Activation::GeluErf,
        // Half of the window lies on each side of a token.
        #[serde(skip)]
        windows: Windows => Windows::of_size(reader, num_hidden_layers, Some(local_attention / 2 + 1), |index| {
            !index.is_multiple_of(global_attn_every_n_layers)
        })?,
    }
}

/// Reads `rope_parameters`, to which the older `rope_scaling` of all layers is added.
fn read_ropes(
    reader: &mut ConfigReader,
    [hidden_size, num_heads]: [usize; 2],
    max_position_embeddings: usize,
) -> Result<[Rope; 2]> {
    reader.check_divides("num_attention_heads", 2 * num_heads, "hidden_size", hidden_size)?;
    let lengths = Lengths { head_dim: hidden_size / num_heads, max_position_embeddings, original: None };
    let mut parameters = reader.take_or::<Option<Map<_, _>>>("rope_parameters", None)?.unwrap_or_default();
    let older: Option<Map<String, Value>> = reader.take_or("rope_scaling", None)?;
    for layer_type in ["full_attention", "sliding_attention"].into_iter().filter(|_| older.is_some()) {
        let of_type = parameters.entry(layer_type).or_insert_with(|| json!({})).as_object_mut();
        of_type.into_iter().for_each(|of_type| of_type.extend(older.clone().unwrap_or_default()));
    }
    let thetas = [reader.take_or("global_rope_theta", 160_000.0)?, reader.take_or("local_rope_theta", 10_000.0)?];
    Rope::by_layer_type(reader, &parameters, thetas, lengths)
}

/// Reads `local_attention`, or its half from `sliding_window`.
fn read_local_attention(reader: &mut ConfigReader) -> Result<usize> {
    let whole = reader.take_or("local_attention", 128)?;
    Ok(reader.take_or::<Option<usize>>("sliding_window", None)?.map_or(whole, |half| half.saturating_mul(2)))
}

impl EncoderFamily for ModernBertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("modernbert", "ModernBert")];
    const PREFIX: &'static str = "model";
    const TOKENS: &'static [(&'static str, i64)] = &[
        ("pad_token_id", 50283),
        ("eos_token_id", 50282),
        ("bos_token_id", 50281),
        ("cls_token_id", 50281),
        ("sep_token_id", 50282),
    ];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in [
            "deterministic_flash_attn",
            "initializer_cutoff_factor",
            "reference_compile",
            "repad_logits_with_grad",
            "sparse_pred_ignore_index",
            "sparse_prediction",
            // Published checkpoints repeat `norm_eps` and `hidden_activation` under BERT's names.
            "layer_norm_eps",
            "hidden_act",
        ] {
            reader.ignore(key);
        }
        reader.require("is_causal", &json!(false))?;
        reader.require("tie_last_hidden_states", &json!(true))?;
        Self::read(reader)
    }

    fn limits(&self) -> Limits {
        let limits = gated_limits(self.vocab_size, self.hidden_size, self.intermediate_size, usize::MAX);
        Limits { bytes_per_pair: 4, ..limits }
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        let (hidden, inner) = (self.hidden_size, self.intermediate_size);
        let qkv = &["q_proj", "k_proj", "v_proj"];
        vec![
            Rule::Fused { fields: qkv, stored: "Wqkv", rows: [hidden; 3], groups: 1 },
            Rule::Fused { fields: &["gate_proj", "up_proj"], stored: "Wi", rows: [inner, inner, 0], groups: 1 },
            Rule::Rename { field: "embeddings.word_embeddings", stored: "embeddings.tok_embeddings" },
            Rule::Rename { field: "embeddings.layer_norm", stored: "embeddings.norm" },
            Rule::Rename { field: "encoder.layer", stored: "layers" },
            Rule::Rename { field: "encoder.norm", stored: "final_norm" },
            Rule::Rename { field: "self_attn.o_proj", stored: "attn.Wo" },
            Rule::Rename { field: "self_attn", stored: "attn" },
            Rule::Rename { field: "mlp.down_proj", stored: "mlp.Wo" },
            Rule::Rename { field: "input_norm", stored: "attn_norm" },
            Rule::Rename { field: "feed_forward_norm", stored: "mlp_norm" },
        ]
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let heads = self.num_attention_heads;
        let norm = nn::NormConfig::layer(self.norm_eps, self.norm_bias);
        let feed_forward = nn::FeedForwardConfig::gated(self.intermediate_size, self.hidden_activation, self.mlp_bias);
        let layer = |index: usize| {
            let attention = nn::AttentionConfig {
                has_qkv_bias: self.attention_bias,
                has_output_bias: self.attention_bias,
                rope: Some(usize::from(self.windows.layer_types[index] == LayerType::SlidingAttention)),
                scores: nn::ScoreTerms { window: self.windows.of(index), ..nn::ScoreTerms::default() },
                ..nn::AttentionConfig::plain(heads, heads, self.hidden_size / heads)
            };
            let order = nn::LayerOrder::Sequential {
                // The embeddings are normalized already.
                input_norm: (index > 0).then_some(norm),
                attention_norm: None,
                feed_forward_norm: Some(norm),
                output_norm: None,
            };
            nn::LayerConfig::plain(attention, feed_forward, order).into()
        };
        let embeddings = nn::EncoderEmbeddingsConfig {
            norm: Some(norm),
            ..nn::EncoderEmbeddingsConfig::plain(self.vocab_size, self.hidden_size)
        };
        let positions = nn::PositionsConfig::Rotary(self.ropes.iter().map(|rope| rope.config.clone()).collect());
        let layers = (0..self.num_hidden_layers).map(layer).collect();
        nn::EncoderConfig {
            norm: Some(norm),
            ..nn::EncoderConfig::plain(self.hidden_size, embeddings, positions, layers)
        }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        let spec = |input, output| HeadSpec {
            input,
            transform: Some(nn::TransformConfig {
                size: self.hidden_size,
                has_bias: self.classifier_bias,
                activation: self.classifier_activation,
                layer_norm_eps: Some(self.norm_eps),
                has_norm_bias: self.norm_bias,
            }),
            has_bias: true,
            output_width: None,
            names: output,
        };
        const DECODER: &[(&str, &str)] =
            &[("head.transform.layer_norm", "head.norm"), ("head.transform", "head"), ("head.output", "decoder")];
        const CLASSIFIER: &[(&str, &str)] =
            &[("head.transform.layer_norm", "head.norm"), ("head.transform", "head"), ("head.output", "classifier")];
        let is_first = self.classifier_pooling == Pooling::Cls;
        let pooled = if is_first { nn::HeadInput::First } else { nn::HeadInput::Mean };
        match head {
            Head::Base | Head::Encoder | Head::CausalLm | Head::Seq2SeqLm => None,
            Head::MaskedLm => {
                Some(HeadSpec { has_bias: self.decoder_bias, ..spec(nn::HeadInput::EveryToken, DECODER) })
            }
            Head::SequenceClassification => Some(spec(pooled, CLASSIFIER)),
            Head::TokenClassification | Head::QuestionAnswering => Some(spec(nn::HeadInput::EveryToken, CLASSIFIER)),
        }
    }
}
