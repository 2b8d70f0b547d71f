//! GPT-J: parallel attention and ungated feed-forward with a shared norm, interleaved rotary positions, and a language
//! modeling head with a bias.
//! Config keys and weight names: EleutherAI/gpt-j-6b.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{Activation, RotaryLayout};

use crate::families::gpt2::ignore_summary;
use crate::family::{DecoderFamily, Logits};
use crate::head::Head;
use crate::hf_config::{Epsilon, HeadCount, LayerCount, Size};

hf_config! {
    pub(crate) struct GptJConfig {
        vocab_size: Size = 50400,
        n_positions: Size = 2048,
        n_embd: Size = 4096,
        n_layer: LayerCount = 28,
        n_head: HeadCount = (16, "n_embd", n_embd),
        rotary_dim: Size = 64,
        n_inner: Option<usize> = None,
        activation_function: Activation = Activation::GeluTanh,
        layer_norm_epsilon: Epsilon = 1e-5,
    }
    check = Self::check;
}

impl GptJConfig {
    fn check(&self, reader: &mut ConfigReader) -> Result<()> {
        let head_dim = self.n_embd / self.n_head;
        if !self.rotary_dim.is_multiple_of(2) || self.rotary_dim > head_dim {
            let expected = format!("an even number, at most head_dim = {head_dim}");
            return Err(Error::config_key(reader.file(), "rotary_dim", self.rotary_dim, expected));
        }
        Ok(())
    }
}

impl DecoderFamily for GptJConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("gptj", "GPTJ")];
    const PREFIX: &'static str = "transformer";
    const ALIASES: &'static [(&'static str, &'static str)] = crate::families::gpt2::ALIASES;
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 50256), ("eos_token_id", 50256)];
    const PADS_EMBEDDINGS: bool = false;
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm, Head::SequenceClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        ignore_summary(reader);
        for key in ["resid_pdrop", "embd_pdrop", "attn_pdrop", "n_ctx", "rotary", "scale_attn_weights"] {
            reader.ignore(key);
        }
        Self::read(reader)
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
        let plain = nn::AttentionConfig::plain(self.n_head, self.n_head, self.n_embd / self.n_head);
        let layer = nn::LayerConfig::plain(
            nn::AttentionConfig { rope: Some(0), ..plain },
            nn::FeedForwardConfig::plain(self.n_inner.unwrap_or(4 * self.n_embd), self.activation_function),
            nn::LayerOrder::Parallel { input_norm: norm, feed_forward_norm: None },
        );
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
