//! ModernBERT: BERT with pre-norm layers, gated MLPs, rotary positions and, in most layers, local attention.
//! Config keys and weight names: answerdotai/ModernBERT-base; paper arXiv 2412.13663.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::rope::{Lengths, Rope, RopeDefaults};
use crate::families::keys::windows::{LayerType, Windows};
use crate::family::EncoderFamily;
use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pooling {
    Cls,
    Mean,
}

#[derive(Serialize)]
pub(crate) struct ModernBertConfig {
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    hidden_activation: Activation,
    max_position_embeddings: usize,
    norm_eps: f64,
    norm_bias: bool,
    attention_bias: bool,
    mlp_bias: bool,
    /// Stated `layer_types`; null if the layers follow `global_attn_every_n_layers`.
    #[serde(rename = "layer_types")]
    stated_types: Value,
    global_attn_every_n_layers: usize,
    rope_parameters: Value,
    local_attention: usize,
    decoder_bias: bool,
    classifier_pooling: Pooling,
    classifier_bias: bool,
    classifier_activation: Activation,
    #[serde(skip)]
    windows: Windows,
    #[serde(skip)]
    ropes: Vec<nn::RopeConfig>,
}

/// Layer types in the order of their rotary embeddings, with the older key of the rotary base and its default.
const LAYER_TYPES: [(&str, &str, f64); 2] =
    [("full_attention", "global_rope_theta", 160_000.0), ("sliding_attention", "local_rope_theta", 10_000.0)];

/// Reads the rotary embedding of each layer type, and `rope_parameters` as transformers 5.23.0 writes them.
fn read_ropes(reader: &mut ConfigReader, lengths: Lengths) -> Result<(Value, Vec<nn::RopeConfig>)> {
    let stated: Option<Map<String, Value>> = reader.take_or("rope_parameters", None)?;
    let older: Option<Map<String, Value>> = reader.take_or("rope_scaling", None)?;
    let (mut parameters, mut ropes) = (json!(stated.unwrap_or_default()), Vec::new());
    for (name, old_key, default) in LAYER_TYPES {
        let mut of_type = parameters[name].as_object().cloned().unwrap_or_default();
        of_type.extend(older.clone().unwrap_or_default());
        let defaults = RopeDefaults { theta: reader.take_or(old_key, default)?, ..RopeDefaults::ROTATE_HALF };
        let rope = Rope::of(reader, &json!(of_type), defaults, lengths)?;
        parameters[name] = rope.parameters;
        ropes.push(rope.config);
    }
    Ok((parameters, ropes))
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
            "attention_dropout",
            "classifier_dropout",
            "deterministic_flash_attn",
            "embedding_dropout",
            "initializer_cutoff_factor",
            "mlp_dropout",
            "reference_compile",
            "repad_logits_with_grad",
            "sparse_pred_ignore_index",
            "sparse_prediction",
        ] {
            reader.ignore(key);
        }
        reader.require("is_causal", &json!(false))?;
        reader.require("tie_last_hidden_states", &json!(true))?;
        let num_hidden_layers: usize = reader.take_or("num_hidden_layers", 22)?;
        reader.check_at_most("num_hidden_layers", num_hidden_layers, 1000)?;
        let hidden_size = reader.take_size("hidden_size", 768)?;
        let num_attention_heads: usize = reader.take_or("num_attention_heads", 12)?;
        reader.check_divides("num_attention_heads", num_attention_heads, "hidden_size", hidden_size)?;
        reader.check_divides("num_attention_heads", 2 * num_attention_heads, "hidden_size", hidden_size)?;
        let max_position_embeddings = reader.take_size("max_position_embeddings", 8192)?;
        let head_dim = hidden_size / num_attention_heads;
        let lengths = Lengths { head_dim, max_position_embeddings, original: None };
        let (rope_parameters, ropes) = read_ropes(reader, lengths)?;
        let local_attention = match (reader.take_or("local_attention", 128)?, reader.take_or("sliding_window", None)?) {
            (_, Some(half)) => usize::saturating_mul(half, 2),
            (local_attention, None) => local_attention,
        };
        let every: usize = reader.take_or("global_attn_every_n_layers", 3)?;
        let stated_types = reader.peek("layer_types").cloned().unwrap_or_default();
        // Half of the window lies on each side of a token.
        let window = Some(local_attention / 2 + 1);
        let windows = Windows::read(reader, num_hidden_layers, window, |index| !index.is_multiple_of(every))?;
        // Published checkpoints repeat `norm_eps` and `hidden_activation` under BERT's names.
        reader.ignore("layer_norm_eps");
        reader.ignore("hidden_act");
        Ok(Self {
            vocab_size: reader.take_size("vocab_size", 50368)?,
            hidden_size,
            intermediate_size: reader.take_size("intermediate_size", 1152)?,
            num_hidden_layers,
            num_attention_heads,
            hidden_activation: reader.take_or("hidden_activation", Activation::GeluErf)?,
            max_position_embeddings,
            norm_eps: reader.take_or("norm_eps", 1e-5)?,
            norm_bias: reader.take_or("norm_bias", false)?,
            attention_bias: reader.take_or("attention_bias", false)?,
            mlp_bias: reader.take_or("mlp_bias", false)?,
            stated_types,
            global_attn_every_n_layers: every,
            rope_parameters,
            local_attention,
            decoder_bias: reader.take_or("decoder_bias", true)?,
            classifier_pooling: reader.take_or("classifier_pooling", Pooling::Cls)?,
            classifier_bias: reader.take_or("classifier_bias", false)?,
            classifier_activation: reader.take_or("classifier_activation", Activation::GeluErf)?,
            windows,
            ropes,
        })
    }

    fn limits(&self) -> Limits {
        Limits {
            vocab_size: self.vocab_size,
            max_position_embeddings: None,
            type_vocab_size: usize::MAX,
            task_type_vocab_size: None,
            embedding_size: self.hidden_size,
            hidden_size: self.hidden_size,
            positions: PositionRule::FromZero,
            bytes_per_token: 4 * (8 * self.hidden_size + 4 * self.intermediate_size),
            bytes_per_pair: 4,
            hidden_attention: 0.0,
        }
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
        let layer = |index: usize| nn::LayerConfig {
            attention: nn::AttentionConfig {
                has_qkv_bias: self.attention_bias,
                has_output_bias: self.attention_bias,
                rope: Some(usize::from(self.windows.layer_types[index] == LayerType::SlidingAttention)),
                window: self.windows.of(index),
                ..nn::AttentionConfig::plain(heads, heads, self.hidden_size / heads)
            },
            feed_forward: nn::FeedForwardConfig {
                intermediate_size: self.intermediate_size,
                activation: self.hidden_activation,
                gate: nn::Gate::Activated,
                has_bias: self.mlp_bias,
            },
            experts: None,
            // The embeddings are normalized already.
            order: nn::LayerOrder::Sequential {
                input_norm: (index > 0).then_some(norm),
                attention_norm: None,
                feed_forward_norm: Some(norm),
                output_norm: None,
            },
            residual_multiplier: 1.0,
        };
        nn::EncoderConfig {
            hidden_size: self.hidden_size,
            embeddings: nn::EncoderEmbeddingsConfig {
                norm: Some(norm),
                ..nn::EncoderEmbeddingsConfig::plain(self.vocab_size, self.hidden_size)
            },
            positions: nn::PositionsConfig::Rotary(self.ropes.clone()),
            layers: (0..self.num_hidden_layers).map(|index| layer(index).into()).collect(),
            num_runs: self.num_hidden_layers,
            norm: Some(norm),
            pooler: None,
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
        let pooled = match self.classifier_pooling {
            Pooling::Cls => nn::HeadInput::First,
            Pooling::Mean => nn::HeadInput::Mean,
        };
        match head {
            Head::Base | Head::CausalLm => None,
            Head::MaskedLm => {
                Some(HeadSpec { has_bias: self.decoder_bias, ..spec(nn::HeadInput::EveryToken, DECODER) })
            }
            Head::SequenceClassification => Some(spec(pooled, CLASSIFIER)),
            Head::TokenClassification | Head::QuestionAnswering => Some(spec(nn::HeadInput::EveryToken, CLASSIFIER)),
        }
    }
}
