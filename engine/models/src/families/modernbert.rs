//! ModernBERT: BERT with pre-norm layers, gated MLPs, rotary positions and, in most layers, local attention.
//! Config keys and weight names: answerdotai/ModernBERT-base; paper arXiv 2412.13663.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{Activation, EngineBackend};

use crate::family::{EncoderFamily, EncoderOf};
use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LayerType {
    FullAttention,
    SlidingAttention,
}

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
    stated_types: Option<Vec<LayerType>>,
    global_attn_every_n_layers: usize,
    rope_parameters: Value,
    local_attention: usize,
    decoder_bias: bool,
    classifier_pooling: Pooling,
    classifier_bias: bool,
    classifier_activation: Activation,
    #[serde(skip)]
    layer_types: Vec<LayerType>,
    #[serde(skip)]
    thetas: [f64; 2],
}

const LAYER_TYPES: [(LayerType, &str, &str, f64); 2] = [
    (LayerType::FullAttention, "full_attention", "global_rope_theta", 160_000.0),
    (LayerType::SlidingAttention, "sliding_attention", "local_rope_theta", 10_000.0),
];

/// Reads the rotary base of one layer type from `rope_parameters`, or from the older `old_key`.
fn read_theta(reader: &mut ConfigReader, parameters: &Value, name: &str, old_key: &str, default: f64) -> Result<f64> {
    let old = reader.take_or(old_key, default)?;
    let stated = &parameters[name];
    match stated["rope_type"].as_str() {
        None | Some("default") => Ok(stated["rope_theta"].as_f64().unwrap_or(old)),
        Some(other) => {
            Err(Error::config_key(reader.file(), "rope_parameters", format!("rope_type \"{other}\""), "\"default\""))
        }
    }
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
    const WEIGHTS: &'static [Rule] = &[
        Rule::Rename { field: "embeddings.word_embeddings", stored: "embeddings.tok_embeddings" },
        Rule::Rename { field: "embeddings.layer_norm", stored: "embeddings.norm" },
        Rule::Rename { field: "encoder.layer", stored: "layers" },
        Rule::Rename { field: "encoder.norm", stored: "final_norm" },
        Rule::Rename { field: "attn.qkv", stored: "attn.Wqkv" },
        Rule::Rename { field: "attn.output", stored: "attn.Wo" },
        Rule::Rename { field: "mlp.input", stored: "mlp.Wi" },
        Rule::Rename { field: "mlp.output", stored: "mlp.Wo" },
    ];
    type Positions<B: EngineBackend> = nn::RotaryPositions;
    type Layer<B: EngineBackend> = nn::PreNormLayer<B>;

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
        let every: usize = reader.take_or("global_attn_every_n_layers", 3)?;
        let by_index = |index: usize| {
            if index.is_multiple_of(every) { LayerType::FullAttention } else { LayerType::SlidingAttention }
        };
        let stated_types: Option<Vec<LayerType>> = reader.take_or("layer_types", None)?;
        let layer_types = stated_types.clone().unwrap_or_else(|| (0..num_hidden_layers).map(by_index).collect());
        if layer_types.len() != num_hidden_layers {
            let expected = format!("one for each of num_hidden_layers = {num_hidden_layers}");
            return Err(Error::config_key(reader.file(), "layer_types", layer_types.len(), expected));
        }
        let stated: Option<Map<String, Value>> = reader.take_or("rope_parameters", None)?;
        let mut parameters = json!(stated.unwrap_or_default());
        if let Some(older) = reader.take_or::<Option<Map<String, Value>>>("rope_scaling", None)? {
            for (_, name, ..) in LAYER_TYPES {
                let mut of_type = parameters[name].as_object().cloned().unwrap_or_default();
                of_type.extend(older.clone());
                parameters[name] = json!(of_type);
            }
        }
        let mut thetas = [0.0; 2];
        for (theta, (_, name, old_key, default)) in thetas.iter_mut().zip(LAYER_TYPES) {
            *theta = read_theta(reader, &parameters, name, old_key, default)?;
        }
        let half_window: Option<usize> = reader.take_or("sliding_window", None)?;
        let rope = |theta: f64| json!({"rope_type": "default", "rope_theta": theta});
        let config = Self {
            vocab_size: reader.take_size("vocab_size", 50368)?,
            hidden_size: reader.take_size("hidden_size", 768)?,
            intermediate_size: reader.take_size("intermediate_size", 1152)?,
            num_hidden_layers,
            num_attention_heads: reader.take_or("num_attention_heads", 12)?,
            hidden_activation: reader.take_or("hidden_activation", Activation::GeluErf)?,
            max_position_embeddings: reader.take_size("max_position_embeddings", 8192)?,
            norm_eps: reader.take_or("norm_eps", 1e-5)?,
            norm_bias: reader.take_or("norm_bias", false)?,
            attention_bias: reader.take_or("attention_bias", false)?,
            mlp_bias: reader.take_or("mlp_bias", false)?,
            stated_types,
            global_attn_every_n_layers: every,
            layer_types,
            rope_parameters: json!({"full_attention": rope(thetas[0]), "sliding_attention": rope(thetas[1])}),
            local_attention: match (reader.take_or("local_attention", 128)?, half_window) {
                (_, Some(half_window)) => half_window.saturating_mul(2),
                (local_attention, None) => local_attention,
            },
            decoder_bias: reader.take_or("decoder_bias", true)?,
            classifier_pooling: reader.take_or("classifier_pooling", Pooling::Cls)?,
            classifier_bias: reader.take_or("classifier_bias", false)?,
            classifier_activation: reader.take_or("classifier_activation", Activation::GeluErf)?,
            thetas,
        };
        // Published checkpoints repeat `norm_eps` and `hidden_activation` under BERT's names.
        reader.ignore("layer_norm_eps");
        reader.ignore("hidden_act");
        reader.check_divides("num_attention_heads", config.num_attention_heads, "hidden_size", config.hidden_size)?;
        reader.check_divides(
            "num_attention_heads",
            2 * config.num_attention_heads,
            "hidden_size",
            config.hidden_size,
        )?;
        Ok(config)
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

    fn encoder<B: EngineBackend>(&self, _has_pooler: bool, device: &B::Device) -> EncoderOf<Self, B> {
        let norm = nn::NormConfig::layer(self.norm_eps, self.norm_bias);
        let embeddings = nn::EncoderEmbeddingsConfig {
            vocab_size: self.vocab_size,
            num_positions: None,
            num_token_types: None,
            num_task_types: None,
            embedding_size: self.hidden_size,
            input_projection: None,
            projected_size: None,
            norm: Some(norm),
        };
        let attention =
            nn::AttentionConfig { hidden_size: self.hidden_size, num_attention_heads: self.num_attention_heads };
        let layer = |index: usize| {
            let config = nn::PreNormConfig {
                attention,
                has_attention_bias: self.attention_bias,
                scope: usize::from(self.layer_types[index] == LayerType::SlidingAttention),
                normalizes_input: index > 0,
                intermediate_size: self.intermediate_size,
                has_mlp_bias: self.mlp_bias,
                hidden_act: self.hidden_activation,
                layer_norm_eps: self.norm_eps,
                has_norm_bias: self.norm_bias,
            };
            nn::PreNormLayer::new(&config, device)
        };
        let windows = [None, Some(self.local_attention / 2)];
        let scope = |(rope_theta, window)| nn::RotaryScope { rope_theta, window };
        let scopes = self.thetas.into_iter().zip(windows).map(scope).collect();
        let positions = nn::RotaryPositions::new(scopes, self.hidden_size / self.num_attention_heads);
        let norm = norm.build(self.hidden_size, device);
        let layers = nn::Layers::new(positions, (0..self.num_hidden_layers).map(layer).collect()).with_norm(norm);
        nn::Encoder::new(nn::EncoderEmbeddings::new(&embeddings, device), layers, None)
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
