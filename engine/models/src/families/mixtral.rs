//! Mixtral: Mistral with a mixture of experts, eight per layer and two per token.
//! Config keys and weight names: mistralai/Mixtral-8x7B-v0.1; paper arXiv 2401.04088.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::experts::LocalExperts;
use crate::families::keys::rope::RopeDefaults;
use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::hf_config::{Epsilon, OptionalSize};

hf_config! {
    pub(crate) struct MixtralConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            intermediate_size: 14336,
            num_key_value_heads: Some(8),
            max_position_embeddings: 4096 * 32,
            rope: RopeDefaults { theta: 1e6, ..RopeDefaults::ROTATE_HALF },
            ..DEFAULTS
        },
        rms_norm_eps: Epsilon = 1e-5,
        sliding_window: OptionalSize = None,
        #[serde(flatten)]
        experts: LocalExperts = (8, 2),
    }
}

impl DecoderFamily for MixtralConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("mixtral", "Mixtral")];
    const ALIASES: &'static [(&'static str, &'static str)] = LocalExperts::ALIASES;
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 1), ("eos_token_id", 2)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let names = [
            ("mlp.router", "block_sparse_moe.gate"),
            ("mlp", "block_sparse_moe"),
            ("gate_proj", "w1"),
            ("up_proj", "w3"),
            ("down_proj", "w2"),
        ];
        names.map(|(field, stored)| Rule::Rename { field, stored }).into_iter().chain(PRE_NORM_NAMES).collect()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::rms(self.rms_norm_eps);
        let mut layer = self.keys.layer(norm);
        layer.attention.scores.window = self.sliding_window;
        layer.experts = Some(nn::ExpertsConfig {
            num_experts: self.experts.num_local_experts,
            num_experts_per_tok: self.experts.num_experts_per_tok,
            routing: nn::RoutingWeights::SoftmaxNormalized,
            has_router_bias: false,
            expert: layer.feed_forward,
            shared: None,
        });
        self.keys.decoder(norm, |_| layer.clone())
    }
}
