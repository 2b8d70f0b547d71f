//! GPT-J: parallel attention and ungated feed-forward with a shared norm, interleaved rotary positions, and a language
//! modeling head with a bias.
//! Config keys and weight names: EleutherAI/gpt-j-6b.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{Activation, RotaryLayout};

use crate::families::gpt2::ignore_summary;
use crate::family::{DecoderFamily, Logits};
use crate::head::Head;

#[derive(Serialize)]
pub(crate) struct GptJConfig {
    vocab_size: usize,
    n_positions: usize,
    n_embd: usize,
    n_layer: usize,
    n_head: usize,
    rotary_dim: usize,
    n_inner: Option<usize>,
    activation_function: Activation,
    layer_norm_epsilon: f64,
}

impl DecoderFamily for GptJConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("gptj", "GPTJ")];
    const PREFIX: &'static str = "transformer";
    const ALIASES: &'static [(&'static str, &'static str)] = crate::families::gpt2::ALIASES;
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 50256), ("eos_token_id", 50256)];
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm, Head::SequenceClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        ignore_summary(reader);
        for key in ["resid_pdrop", "embd_pdrop", "attn_pdrop", "n_ctx", "rotary", "scale_attn_weights"] {
            reader.ignore(key);
        }
        let n_embd = reader.take_size("n_embd", 4096)?;
        let n_head = reader.take_size("n_head", 16)?;
        reader.check_divides("n_head", n_head, "n_embd", n_embd)?;
        let n_layer: usize = reader.take_or("n_layer", 28)?;
        reader.check_at_most("n_layer", n_layer, 1000)?;
        let rotary_dim = reader.take_size("rotary_dim", 64)?;
        let head_dim = n_embd / n_head;
        if !rotary_dim.is_multiple_of(2) || rotary_dim > head_dim {
            let expected = format!("an even number, at most head_dim = {head_dim}");
            return Err(Error::config_key(reader.file(), "rotary_dim", rotary_dim, expected));
        }
        Ok(Self {
            vocab_size: reader.take_size("vocab_size", 50400)?,
            n_positions: reader.take_size("n_positions", 2048)?,
            n_embd,
            n_layer,
            n_head,
            rotary_dim,
            n_inner: reader.take_or("n_inner", None)?,
            activation_function: reader.take_or("activation_function", Activation::GeluTanh)?,
            layer_norm_epsilon: reader.take_or("layer_norm_epsilon", 1e-5)?,
        })
    }

    fn weights(&self) -> Vec<Rule> {
        let names = [
            ("self_attn.o_proj", "attn.out_proj"),
            ("self_attn", "attn"),
            ("mlp.up_proj", "mlp.fc_in"),
            ("mlp.down_proj", "mlp.fc_out"),
            ("embed_tokens", "wte"),
            ("layers", "h"),
            ("input_norm", "ln_1"),
            ("norm", "ln_f"),
        ];
        let names = names.map(|(field, stored)| Rule::Rename { field, stored });
        names.into_iter().chain([".attn.bias", ".attn.masked_bias"].map(Rule::Buffer)).collect()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::layer(self.layer_norm_epsilon, true);
        let plain = nn::DecoderAttentionConfig::plain(self.n_head, self.n_head, self.n_embd / self.n_head);
        let layer = nn::DecoderLayerConfig {
            attention: nn::DecoderAttentionConfig { rope: Some(0), ..plain },
            feed_forward: nn::FeedForwardConfig::plain(
                self.n_inner.unwrap_or(4 * self.n_embd),
                self.activation_function,
            ),
            order: nn::LayerOrder::Parallel { input_norm: norm, feed_forward_norm: None },
            residual_multiplier: 1.0,
            experts: None,
        };
        let scaling = nn::RopeScaling::Unscaled;
        nn::DecoderConfig {
            ropes: vec![nn::RopeConfig {
                rotary_dim: self.rotary_dim,
                theta: 10_000.0,
                scaling,
                layout: RotaryLayout::Interleaved,
            }],
            ..nn::DecoderConfig::plain(self.vocab_size, self.n_embd, vec![layer; self.n_layer], norm)
        }
    }

    fn logits(&self) -> Logits {
        Logits { has_bias: true, ..Logits::default() }
    }
}
