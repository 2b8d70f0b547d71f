//! Starcoder2: Mistral with layer norms, an ungated feed-forward and biases.
//! Config keys and weight names: bigcode/starcoder2-3b; paper arXiv 2402.19173.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::family::DecoderFamily;
use crate::hf_config::{Epsilon, OptionalSize};

hf_config! {
    pub(crate) struct Starcoder2Config {
        #[serde(flatten)]
        keys: RotaryKeys = RotaryDefaults {
            vocab_size: 49152,
            hidden_size: 3072,
            intermediate_size: 12288,
            num_hidden_layers: 30,
            num_attention_heads: 24,
            num_key_value_heads: Some(2),
            activation: ("hidden_act", "gelu_pytorch_tanh", Activation::GeluTanh),
            max_position_embeddings: 4096,
            ..DEFAULTS
        },
        norm_epsilon: Epsilon = 1e-5,
        sliding_window: OptionalSize = None,
        use_bias: bool = true,
    }
}

impl DecoderFamily for Starcoder2Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("starcoder2", "Starcoder2")];
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 50256), ("eos_token_id", 50256)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in ["activation_function", "mlp_type", "norm_type"] {
            reader.ignore(key);
        }
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let names = [("up_proj", "c_fc"), ("down_proj", "c_proj")];
        let mut rules = names.map(|(field, stored)| Rule::Rename { field, stored }).to_vec();
        rules.extend(PRE_NORM_NAMES);
        if !self.use_bias {
            rules.extend(["_proj.bias", ".c_fc.bias"].map(Rule::Unread));
        }
        rules
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::layer(self.norm_epsilon, true);
        let mut layer = self.keys.layer(norm);
        layer.attention.scores.window = self.sliding_window;
        layer.attention.has_qkv_bias = self.use_bias;
        layer.attention.has_output_bias = self.use_bias;
        layer.feed_forward.gate = nn::Gate::Absent;
        layer.feed_forward.has_bias = self.use_bias;
        self.keys.decoder(norm, |_| layer.clone())
    }
}
