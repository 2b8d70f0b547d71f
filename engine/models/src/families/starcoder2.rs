//! Starcoder2: Mistral with layer norms, an ungated feed-forward and biases.
//! Config keys and weight names: bigcode/starcoder2-3b; paper arXiv 2402.19173.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::rotary::{DEFAULTS, PRE_NORM_NAMES, RotaryDefaults, RotaryKeys};
use crate::families::keys::windows::window_of_all;
use crate::family::DecoderFamily;

#[derive(Serialize)]
pub(crate) struct Starcoder2Config {
    #[serde(flatten)]
    keys: RotaryKeys,
    norm_epsilon: f64,
    sliding_window: Option<usize>,
    use_bias: bool,
}

impl DecoderFamily for Starcoder2Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("starcoder2", "Starcoder2")];
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 50256), ("eos_token_id", 50256)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in ["residual_dropout", "embedding_dropout", "activation_function", "mlp_type", "norm_type"] {
            reader.ignore(key);
        }
        let default = RotaryDefaults {
            vocab_size: 49152,
            hidden_size: 3072,
            intermediate_size: 12288,
            num_hidden_layers: 30,
            num_attention_heads: 24,
            num_key_value_heads: Some(2),
            activation: ("hidden_act", "gelu_pytorch_tanh", Activation::GeluTanh),
            max_position_embeddings: 4096,
            ..DEFAULTS
        };
        Ok(Self {
            keys: RotaryKeys::read(reader, default)?,
            norm_epsilon: reader.take_or("norm_epsilon", 1e-5)?,
            sliding_window: window_of_all(reader, None)?,
            use_bias: reader.take_or("use_bias", true)?,
        })
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
        layer.attention.window = self.sliding_window;
        layer.attention.has_qkv_bias = self.use_bias;
        layer.attention.has_output_bias = self.use_bias;
        layer.feed_forward.gate = nn::Gate::Absent;
        layer.feed_forward.has_bias = self.use_bias;
        self.keys.decoder(norm, |_| layer.clone())
    }
}
