//! gpt-oss: Mixtral with biases, clamped gates, attention sinks and a sliding window in every other layer; the experts'
//! gate and up projections are stored with interleaved rows.
//! Config keys and weight names: openai/gpt-oss-20b; paper arXiv 2508.10925.

use serde_json::json;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::ClampedGate;

use crate::families::keys::experts::LocalExperts;
use crate::families::keys::rope::{Rope, RopeDefaults};
use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::families::keys::windows::Windows;
use crate::family::DecoderFamily;
use crate::hf_config::{Epsilon, Positive};

hf_config! {
    pub(crate) struct GptOssConfig(reader) {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 201_088,
            hidden_size: 2880,
            intermediate_size: 2880,
            num_hidden_layers: 36,
            num_attention_heads: 64,
            num_key_value_heads: Some(8),
            head_dim: Some(64),
            max_position_embeddings: 131_072,
            rope: RopeDefaults { theta: 150_000.0, ..RopeDefaults::ROTATE_HALF },
            ..DEFAULTS
        },
        rms_norm_eps: Epsilon = 1e-5,
        #[serde(flatten)]
        windows: Windows => {
            Windows::read(reader, keys.num_hidden_layers, Some(128), |index| index.is_multiple_of(2))?
        },
        #[serde(flatten)]
        experts: LocalExperts = (128, 4),
        swiglu_alpha: f64 = 1.702,
        swiglu_limit: Positive = 7.0,
        attention_bias: bool = true,
    }
}

impl DecoderFamily for GptOssConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("gpt_oss", "GptOss")];
    const ALIASES: &'static [(&'static str, &'static str)] = LocalExperts::ALIASES;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.ignore("initial_context_length");
        reader.ignore("experts_per_token");
        if !Rope::is_stated(reader) {
            let rope = json!({
                "rope_type": "yarn",
                "factor": 32.0,
                "beta_fast": 32.0,
                "beta_slow": 1.0,
                "truncate": false,
                "original_max_position_embeddings": 4096,
            });
            reader.replace(&json!({"rope_parameters": rope}))?;
        }
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let inner = self.keys.intermediate_size;
        let stacked = [
            ("gate_up_proj.weight", "experts.gate_up_proj"),
            ("gate_up_proj.bias", "experts.gate_up_proj_bias"),
            ("down_proj.weight", "experts.down_proj"),
            ("down_proj.bias", "experts.down_proj_bias"),
        ];
        let count = self.experts.num_local_experts;
        let stacked = stacked.map(|(member, stored)| Rule::Stacked { list: "experts", member, stored, count });
        let mut rules = PRE_NORM_NAMES.to_vec();
        rules.extend(stacked);
        rules.extend(["gate_up_proj", "down_proj"].map(Rule::Transposed));
        rules.push(Rule::Fused {
            fields: &["gate_proj", "up_proj"],
            stored: "gate_up_proj",
            rows: [inner, inner, 0],
            groups: inner,
        });
        if !self.attention_bias {
            rules.extend([".q_proj.bias", ".k_proj.bias", ".v_proj.bias", ".o_proj.bias"].map(Rule::Unread));
        }
        rules
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let gate = ClampedGate { alpha: self.swiglu_alpha, limit: self.swiglu_limit };
        self.keys.decoder(norm, |index| {
            let mut layer = self.keys.layer(norm);
            layer.attention.scores.window = self.windows.of(index);
            layer.attention.scores.has_sinks = true;
            layer.attention.has_qkv_bias = self.attention_bias;
            layer.attention.has_output_bias = self.attention_bias;
            layer.experts = Some(nn::ExpertsConfig {
                num_experts: self.experts.num_local_experts,
                num_experts_per_tok: self.experts.num_experts_per_tok,
                routing: nn::RoutingWeights::SoftmaxSelected,
                has_router_bias: true,
                expert: nn::FeedForwardConfig { gate: nn::Gate::Clamped(gate), has_bias: true, ..layer.feed_forward },
                shared: None,
            });
            layer
        })
    }
}
