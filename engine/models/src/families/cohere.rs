//! Cohere: Llama with bias-free layer norms, interleaved rotary positions, parallel attention and feed-forward,
//! optional query/key layer norms per head, and scaled logits.
//! Config keys and weight names: CohereForAI/c4ai-command-r-v01.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::RotaryLayout;

use crate::families::keys::rope::RopeDefaults;
use crate::families::keys::rotary::{DEFAULTS, RotaryDefaults, RotaryKeys};
use crate::family::{DecoderFamily, Logits};
use crate::head::Head;
use crate::hf_config::Epsilon;

hf_config! {
    pub(crate) struct CohereConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 256_000,
            hidden_size: 8192,
            intermediate_size: 22528,
            num_hidden_layers: 40,
            num_attention_heads: 64,
            max_position_embeddings: 8192,
            rope: RopeDefaults { theta: 500_000.0, layout: RotaryLayout::Interleaved, ..RopeDefaults::ROTATE_HALF },
            ..DEFAULTS
        },
        layer_norm_eps: Epsilon = 1e-5,
        logit_scale: f64 = 0.0625,
        attention_bias: bool = false,
        use_qk_norm: bool = false,
    }
}

impl DecoderFamily for CohereConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("cohere", "Cohere")];
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] =
        &[("pad_token_id", 0), ("bos_token_id", 5), ("eos_token_id", 255_001)];
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.ignore("model_max_length");
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let RotaryKeys { num_attention_heads, num_key_value_heads, .. } = self.keys;
        let scales = |list, stored, count| Rule::Stacked { list, member: "weight", stored, count };
        vec![
            Rule::Rename { field: "input_norm", stored: "input_layernorm" },
            scales("q_norm.norms", "q_norm.weight", num_attention_heads),
            scales("k_norm.norms", "k_norm.weight", num_key_value_heads),
        ]
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::layer(self.layer_norm_eps, false);
        let mut layer = self.keys.layer(norm);
        layer.order = nn::LayerOrder::Parallel { input_norm: norm, feed_forward_norm: None };
        layer.attention.has_qkv_bias = self.attention_bias;
        layer.attention.has_output_bias = self.attention_bias;
        layer.attention.qk_norm = self.use_qk_norm.then_some(nn::QkNorm::OwnScales { eps: self.layer_norm_eps });
        self.keys.decoder(norm, |_| layer.clone())
    }

    fn logits(&self) -> Logits {
        Logits { multiplier: self.logit_scale, ..Logits::default() }
    }
}
