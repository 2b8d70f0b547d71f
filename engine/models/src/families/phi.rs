//! Phi: parallel attention and ungated feed-forward with a shared layer norm, partial rotary positions, and biases
//! everywhere, the language modeling head included.
//! Config keys and weight names: microsoft/phi-2; paper arXiv 2306.11644.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::rope::RopeDefaults;
use crate::families::keys::rotary::{DEFAULTS, RotaryDefaults, RotaryKeys};
use crate::family::{DecoderFamily, Logits};
use crate::hf_config::Epsilon;

hf_config! {
    pub(crate) struct PhiConfig {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 51200,
            hidden_size: 2048,
            intermediate_size: 8192,
            num_hidden_layers: 24,
            activation: ("hidden_act", "gelu_new", Activation::GeluTanh),
            rope: RopeDefaults::partial(0.5),
            ..DEFAULTS
        },
        layer_norm_eps: Epsilon = 1e-5,
        qk_layernorm: bool = false,
    }
}

impl DecoderFamily for PhiConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("phi", "Phi")];
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 1), ("eos_token_id", 2)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.ignore("embd_pdrop");
        reader.ignore("resid_pdrop");
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let names = [
            ("input_norm", "input_layernorm"),
            ("o_proj", "dense"),
            ("q_norm", "q_layernorm"),
            ("k_norm", "k_layernorm"),
            ("up_proj", "fc1"),
            ("down_proj", "fc2"),
            ("norm", "final_layernorm"),
        ];
        names.map(|(field, stored)| Rule::Rename { field, stored }).to_vec()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::layer(self.layer_norm_eps, true);
        let mut layer = self.keys.layer(norm);
        layer.order = nn::LayerOrder::Parallel { input_norm: norm, feed_forward_norm: None };
        layer.attention.has_qkv_bias = true;
        layer.attention.has_output_bias = true;
        layer.attention.qk_norm = self.qk_layernorm.then_some(nn::QkNorm::PerHead(norm));
        layer.feed_forward.gate = nn::Gate::Absent;
        layer.feed_forward.has_bias = true;
        self.keys.decoder(norm, |_| layer.clone())
    }

    fn logits(&self) -> Logits {
        Logits { has_bias: true, ..Logits::default() }
    }
}
