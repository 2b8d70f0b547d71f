//! Qwen2-MoE and Qwen3-MoE: Qwen2 and Qwen3 with a mixture of experts in some layers; Qwen2-MoE adds a shared expert.
//! Config keys and weight names: Qwen/Qwen1.5-MoE-A2.7B and Qwen/Qwen3-30B-A3B; papers arXiv 2407.10671 and 2505.09388.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::experts::{ExpertCount, ExpertsPerToken, LocalExperts};
use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::families::keys::windows::{Windows, optional_window};
use crate::family::DecoderFamily;
use crate::hf_config::{Epsilon, Size};

const QWEN_MOE: RotaryDefaults = RotaryDefaults {
    vocab_size: 151_936,
    hidden_size: 2048,
    num_hidden_layers: 24,
    max_position_embeddings: 32768,
    ..DEFAULTS
};

hf_config! {
    /// Configuration keys that Qwen2-MoE and Qwen3-MoE share.
    struct SparseKeys(reader, default: RotaryDefaults, expert_size: usize) {
        #[serde(flatten)]
        keys: RotaryKeys = default,
        rms_norm_eps: Epsilon = 1e-6,
        use_sliding_window: bool = false,
        decoder_sparse_step: Size = 1,
        moe_intermediate_size: Size = expert_size,
        norm_topk_prob: bool = false,
        mlp_only_layers: Vec<usize> = Vec::new(),
    }
}

impl SparseKeys {
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
        change: impl Fn(usize, &mut nn::LayerConfig),
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

hf_config! {
    pub(crate) struct Qwen2MoeConfig(reader) {
        #[serde(flatten)]
        keys: SparseKeys = (
            RotaryDefaults {
                intermediate_size: 5632,
                num_attention_heads: 16,
                num_key_value_heads: Some(16),
                ..QWEN_MOE
            },
            1408,
        ),
        num_experts: ExpertCount = 60,
        num_experts_per_tok: ExpertsPerToken = (4, "num_experts", num_experts),
        shared_expert_intermediate_size: Size = 5632,
        qkv_bias: bool = true,
        max_window_layers: usize = 28,
        #[serde(flatten)]
        windows: Windows => {
            let window = optional_window(reader, keys.use_sliding_window)?;
            let is_sliding = |index: usize| window.is_some() && index.is_multiple_of(2) && index < max_window_layers;
            Windows::of_size(reader, keys.keys.num_hidden_layers, window, is_sliding)?
        },
    }
}

impl DecoderFamily for Qwen2MoeConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("qwen2_moe", "Qwen2Moe")];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
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
            layer.attention.scores.window = self.windows.of(index);
            let intermediate_size = self.shared_expert_intermediate_size;
            if let Some(experts) = &mut layer.experts {
                experts.shared = Some(nn::FeedForwardConfig { intermediate_size, ..experts.expert });
            }
        })
    }
}

hf_config! {
    pub(crate) struct Qwen3MoeConfig(reader) {
        #[serde(flatten)]
        keys: SparseKeys =
            (RotaryDefaults { intermediate_size: 6144, num_key_value_heads: Some(4), ..QWEN_MOE }, 768),
        #[serde(flatten)]
        experts: LocalExperts = (128, 8),
        attention_bias: bool = false,
        sliding_window: Option<usize> => optional_window(reader, keys.use_sliding_window)?,
    }
}

impl DecoderFamily for Qwen3MoeConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("qwen3_moe", "Qwen3Moe")];
    const ALIASES: &'static [(&'static str, &'static str)] = LocalExperts::ALIASES;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.ignore("max_window_layers");
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        self.keys.weights()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let LocalExperts { num_local_experts, num_experts_per_tok } = self.experts;
        let norm = nn::NormConfig::rms(self.keys.rms_norm_eps);
        self.keys.decoder([num_local_experts, num_experts_per_tok], |_, layer| {
            layer.attention.qk_norm = Some(nn::QkNorm::PerHead(norm));
            layer.attention.scores.window = self.sliding_window;
            layer.attention.has_qkv_bias = self.attention_bias;
            layer.attention.has_output_bias = self.attention_bias;
        })
    }
}
