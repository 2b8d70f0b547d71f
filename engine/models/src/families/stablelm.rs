//! StableLM: Llama with layer norms and partial rotary positions; optional query/key/value biases, per-head query/key
//! layer norms, and parallel attention and feed-forward.
//! Config keys and weight names: stabilityai/stablelm-3b-4e1t and stabilityai/stablelm-2-12b; paper arXiv 2402.17834.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::rope::RopeDefaults;
use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::hf_config::Epsilon;

hf_config! {
    pub(crate) struct StableLmConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 50304,
            hidden_size: 2560,
            intermediate_size: 6912,
            num_key_value_heads: Some(32),
            max_position_embeddings: 4096,
            rope: RopeDefaults::partial(0.25),
            ..DEFAULTS
        },
        layer_norm_eps: Epsilon = 1e-5,
        use_qkv_bias: bool = false,
        qk_layernorm: bool = false,
        use_parallel_residual: bool = false,
    }
}

impl DecoderFamily for StableLmConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("stablelm", "StableLm")];
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 0), ("eos_token_id", 0)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let names = [("q_norm", "q_layernorm"), ("k_norm", "k_layernorm")];
        let mut rules = names.map(|(field, stored)| Rule::Rename { field, stored }).to_vec();
        rules.extend(PRE_NORM_NAMES);
        if self.use_parallel_residual {
            let unread = [".post_attention_layernorm.weight", ".post_attention_layernorm.bias"];
            rules.extend(unread.map(Rule::Unread));
        }
        rules
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::layer(self.layer_norm_eps, true);
        let mut layer = self.keys.layer(norm);
        if self.use_parallel_residual {
            layer.order = nn::LayerOrder::Parallel { input_norm: norm, feed_forward_norm: None };
        }
        layer.attention.has_qkv_bias = self.use_qkv_bias;
        layer.attention.qk_norm = self.qk_layernorm.then_some(nn::QkNorm::OwnScales { eps: self.layer_norm_eps });
        self.keys.decoder(norm, |_| layer.clone())
    }
}
