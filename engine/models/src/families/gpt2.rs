//! GPT-2: learned positions, layer norm, ungated feed-forward; checkpoints store transposed weights, `[in, out]`.
//! Config keys and weight names: openai-community/gpt2; report "Language Models are Unsupervised Multitask Learners".

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::family::DecoderFamily;
use crate::head::{Head, HeadSpec};
use crate::hf_config::{Epsilon, HeadCount, LayerCount, Size};

/// Names of everything but the attention's weights.
pub(crate) const NAMES: [(&str, &str); 8] = [
    ("mlp.up_proj", "mlp.c_fc"),
    ("mlp.down_proj", "mlp.c_proj"),
    ("embed_tokens", "wte"),
    ("embed_positions", "wpe"),
    ("layers", "h"),
    ("input_norm", "ln_1"),
    ("feed_forward_norm", "ln_2"),
    ("norm", "ln_f"),
];

hf_config! {
    pub(crate) struct Gpt2Config {
        vocab_size: Size = 50257,
        n_positions: Size = 1024,
        n_embd: Size = 768,
        n_layer: LayerCount = 12,
        n_head: HeadCount = (12, "n_embd", n_embd),
        n_inner: Option<usize> = None,
        activation_function: Activation = Activation::GeluTanh,
        layer_norm_epsilon: Epsilon = 1e-5,
        scale_attn_weights: bool = true,
        scale_attn_by_inverse_layer_idx: bool = false,
        /// Adds cross-attention layers, which only calls with `encoder_hidden_states` use; those are not supported.
        add_cross_attention: bool = false,
    }
}

/// Common names of configuration keys and GPT-2's names.
pub(crate) const ALIASES: &[(&str, &str)] = &[
    ("hidden_size", "n_embd"),
    ("max_position_embeddings", "n_positions"),
    ("num_attention_heads", "n_head"),
    ("num_hidden_layers", "n_layer"),
];

/// Ignores the keys of the double-heads model's multiple-choice head.
pub(crate) fn ignore_summary(reader: &mut ConfigReader) {
    for key in ["type", "use_proj", "activation", "proj_to_labels"] {
        reader.ignore(&format!("summary_{key}"));
    }
}

impl DecoderFamily for Gpt2Config {
    const TYPES: &'static [(&'static str, &'static str)] = &[("gpt2", "GPT2")];
    const PREFIX: &'static str = "transformer";
    const TIES_EMBEDDINGS: bool = true;
    const CAUSAL_LM: Option<&'static str> = Some("GPT2LMHeadModel");
    const ALIASES: &'static [(&'static str, &'static str)] = ALIASES;
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 50256), ("eos_token_id", 50256)];
    const PADS_EMBEDDINGS: bool = false;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in ["is_decoder", "n_ctx", "reorder_and_upcast_attn", "resid_pdrop", "embd_pdrop", "attn_pdrop"] {
            reader.ignore(key);
        }
        ignore_summary(reader);
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let fused = Rule::Fused {
            fields: &["q_proj", "k_proj", "v_proj"],
            stored: "c_attn",
            rows: [self.n_embd; 3],
            groups: 1,
        };
        let names = [("self_attn.c_attn", "attn.c_attn"), ("self_attn.o_proj", "attn.c_proj")];
        let names = names.into_iter().chain(NAMES).map(|(field, stored)| Rule::Rename { field, stored });
        let transposed = ["c_attn", "o_proj", "up_proj", "down_proj"].map(Rule::Transposed);
        let buffers = [Rule::Buffer(".attn.bias"), Rule::Buffer(".attn.masked_bias")];
        let cross = [
            "crossattention.c_attn.weight",
            "crossattention.c_attn.bias",
            "crossattention.q_attn.weight",
            "crossattention.q_attn.bias",
            "crossattention.c_proj.weight",
            "crossattention.c_proj.bias",
            "ln_cross_attn.weight",
            "ln_cross_attn.bias",
        ];
        let cross = cross.into_iter().filter(|_| self.add_cross_attention).map(Rule::Unread);
        names.chain(transposed).chain(buffers).chain([fused]).chain(cross).collect()
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::layer(self.layer_norm_epsilon, true);
        let plain = nn::AttentionConfig::plain(self.n_head, self.n_head, self.n_embd / self.n_head);
        let layer = |index: usize| {
            let by_width = if self.scale_attn_weights { plain.scale } else { 1.0 };
            let by_layer = if self.scale_attn_by_inverse_layer_idx { (index + 1) as f64 } else { 1.0 };
            nn::LayerConfig::plain(
                nn::AttentionConfig {
                    scale: by_width / by_layer,
                    has_qkv_bias: true,
                    has_output_bias: true,
                    ..plain.clone()
                },
                nn::FeedForwardConfig::plain(self.n_inner.unwrap_or(4 * self.n_embd), self.activation_function),
                nn::LayerOrder::pre_norm(norm),
            )
        };
        nn::DecoderConfig {
            positions: Some((self.n_positions, 0)),
            ..nn::DecoderConfig::plain(self.vocab_size, self.n_embd, (0..self.n_layer).map(layer).collect(), norm)
        }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        HeadSpec::of_decoder(head)
    }
}
