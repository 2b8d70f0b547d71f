//! Qwen2-MoE and Qwen3-MoE: Qwen2 and Qwen3 with a mixture of experts in some layers; Qwen2-MoE adds a shared expert.
//! Config keys and weight names: Qwen/Qwen1.5-MoE-A2.7B and Qwen/Qwen3-30B-A3B; papers arXiv 2407.10671 and 2505.09388.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::experts::{LocalExperts, expert_counts};
use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::families::keys::windows::{Windows, optional_window};
use crate::family::DecoderFamily;

const QWEN_MOE: RotaryDefaults = RotaryDefaults {
    vocab_size: 151_936,
    hidden_size: 2048,
    num_hidden_layers: 24,
    max_position_embeddings: 32768,
    ..DEFAULTS
};

/// Configuration keys that Qwen2-MoE and Qwen3-MoE share.
#[derive(Serialize)]
struct SparseKeys {
    #[serde(flatten)]
    keys: RotaryKeys,
    rms_norm_eps: f64,
    use_sliding_window: bool,
    decoder_sparse_step: usize,
    moe_intermediate_size: usize,
    norm_topk_prob: bool,
    mlp_only_layers: Vec<usize>,
}

impl SparseKeys {
    fn read(reader: &mut ConfigReader, default: RotaryDefaults, moe_intermediate_size: usize) -> Result<Self> {
        Ok(Self {
            keys: RotaryKeys::read(reader, default)?,
            rms_norm_eps: reader.take_or("rms_norm_eps", 1e-6)?,
            use_sliding_window: reader.take_or("use_sliding_window", false)?,
            decoder_sparse_step: reader.take_size("decoder_sparse_step", 1)?,
            moe_intermediate_size: reader.take_size("moe_intermediate_size", moe_intermediate_size)?,
            norm_topk_prob: reader.take_or("norm_topk_prob", false)?,
            mlp_only_layers: reader.take_or::<Option<_>>("mlp_only_layers", None)?.unwrap_or_default(),
        })
    }

    fn is_sparse(&self, layer: usize) -> bool {
        (layer + 1).is_multiple_of(self.decoder_sparse_step) && !self.mlp_only_layers.contains(&layer)
    }

    fn weights(&self) -> Vec<Rule> {
        let mut rules = vec![Rule::Rename { field: "mlp.router", stored: "mlp.gate" }];
        rules.extend(PRE_NORM_NAMES);
        for index in (0..self.keys.num_hidden_layers).filter(|index| !self.is_sparse(*index)) {
            let parts = ["mlp.gate", "mlp.experts", "mlp.shared_expert", "mlp.shared_expert_gate"];
            rules.extend(parts.map(|part| Rule::UnreadOf { list: "layers", index, part }));
        }
        rules
    }

    fn decoder(
        &self,
        [num_experts, num_experts_per_tok]: [usize; 2],
        change: impl Fn(usize, &mut nn::DecoderLayerConfig),
    ) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let routing =
            if self.norm_topk_prob { nn::RoutingWeights::SoftmaxNormalized } else { nn::RoutingWeights::Softmax };
        self.keys.decoder(norm, |index| {
            let mut layer = self.keys.layer(norm);
            layer.experts = self.is_sparse(index).then(|| nn::ExpertsConfig {
                num_experts,
                num_experts_per_tok,
                routing,
                has_router_bias: false,
                expert: nn::FeedForwardConfig {
                    intermediate_size: self.moe_intermediate_size,
                    ..self.keys.feed_forward()
                },
                shared: None,
            });
            change(index, &mut layer);
            layer
        })
    }
}

#[derive(Serialize)]
pub(crate) struct Qwen2MoeConfig {
    #[serde(flatten)]
    keys: SparseKeys,
    num_experts: usize,
    num_experts_per_tok: usize,
    shared_expert_intermediate_size: usize,
    qkv_bias: bool,
    max_window_layers: usize,
    #[serde(flatten)]
    windows: Windows,
}

impl DecoderFamily for Qwen2MoeConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("qwen2_moe", "Qwen2Moe")];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let default = RotaryDefaults {
            intermediate_size: 5632,
            num_attention_heads: 16,
            num_key_value_heads: Some(16),
            ..QWEN_MOE
        };
        let keys = SparseKeys::read(reader, default, 1408)?;
        let [num_experts, num_experts_per_tok] = expert_counts(reader, "num_experts", 60, 4)?;
        let max_window_layers = reader.take_or("max_window_layers", 28)?;
        let window = optional_window(reader, keys.use_sliding_window)?;
        let is_sliding = |index: usize| window.is_some() && index.is_multiple_of(2) && index < max_window_layers;
        Ok(Self {
            windows: Windows::read(reader, keys.keys.num_hidden_layers, window, is_sliding)?,
            keys,
            num_experts,
            num_experts_per_tok,
            shared_expert_intermediate_size: reader.take_size("shared_expert_intermediate_size", 5632)?,
            qkv_bias: reader.take_or("qkv_bias", true)?,
            max_window_layers,
        })
    }

    fn weights(&self) -> Vec<Rule> {
        let mut rules = self.keys.weights();
        if !self.qkv_bias {
            rules.extend([".q_proj.bias", ".k_proj.bias", ".v_proj.bias"].map(Rule::Unread));
        }
        rules
    }

    fn decoder(&self) -> nn::DecoderConfig {
        self.keys.decoder([self.num_experts, self.num_experts_per_tok], |index, layer| {
            layer.attention.has_qkv_bias = self.qkv_bias;
            layer.attention.window = self.windows.of(index);
            let intermediate_size = self.shared_expert_intermediate_size;
            if let Some(experts) = &mut layer.experts {
                experts.shared = Some(nn::FeedForwardConfig { intermediate_size, ..experts.expert });
            }
        })
    }
}

#[derive(Serialize)]
pub(crate) struct Qwen3MoeConfig {
    #[serde(flatten)]
    keys: SparseKeys,
    #[serde(flatten)]
    experts: LocalExperts,
    attention_bias: bool,
    sliding_window: Option<usize>,
}

impl DecoderFamily for Qwen3MoeConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("qwen3_moe", "Qwen3Moe")];
    const ALIASES: &'static [(&'static str, &'static str)] = LocalExperts::ALIASES;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.ignore("max_window_layers");
        let default = RotaryDefaults { intermediate_size: 6144, num_key_value_heads: Some(4), ..QWEN_MOE };
        let keys = SparseKeys::read(reader, default, 768)?;
        Ok(Self {
            sliding_window: optional_window(reader, keys.use_sliding_window)?,
            keys,
            experts: LocalExperts::read(reader, 128, 8)?,
            attention_bias: reader.take_or("attention_bias", false)?,
        })
    }

    fn weights(&self) -> Vec<Rule> {
        self.keys.weights()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let LocalExperts { num_local_experts, num_experts_per_tok } = self.experts;
        let norm = nn::NormConfig::rms(self.keys.rms_norm_eps);
        self.keys.decoder([num_local_experts, num_experts_per_tok], |_, layer| {
            layer.attention.qk_norm = Some(nn::QkNorm::PerHead(norm));
            layer.attention.window = self.sliding_window;
            layer.attention.has_qkv_bias = self.attention_bias;
            layer.attention.has_output_bias = self.attention_bias;
        })
    }
}
