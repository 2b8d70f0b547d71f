//! Falcon: attention and an ungated feed-forward in parallel, with one norm or two, or in sequence; grouped-query or
//! multi-query attention; rotary positions or ALiBi.
//! Config keys and weight names: tiiuae/falcon-7b, tiiuae/falcon-40b and tiiuae/falcon-rw-1b; paper arXiv 2311.16867.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{Activation, Alibi, alibi_slopes};

use crate::families::bloom::{self, BLOCK_NAMES};
use crate::families::keys::rope::{Rope, RopeDefaults};
use crate::family::DecoderFamily;
use crate::head::{Head, HeadSpec};
use crate::hf_config::{Epsilon, HeadCount, Key, LayerCount, OptionalSize, Size};

hf_config! {
    pub(crate) struct FalconConfig(reader) {
        vocab_size: Size = 65024,
        hidden_size: usize => bloom::hidden_size(reader, 4544)?,
        num_hidden_layers: LayerCount = 32,
        num_attention_heads: HeadCount = (71, "hidden_size", hidden_size),
        num_ln_in_parallel_attn: Option<usize> = None,
        layer_norm_epsilon: Epsilon = 1e-5,
        num_kv_heads: usize = num_attention_heads,
        alibi: bool = false,
        new_decoder_architecture: bool = false,
        multi_query: bool = true,
        parallel_attn: bool = true,
        bias: bool = false,
        max_position_embeddings: Size = 2048,
        #[serde(flatten)]
        rope: Rope => {
            // With ALiBi a head may have an odd width.
            let rotary_dim = if alibi { 2 } else { hidden_size / num_attention_heads };
            Rope::read(reader, RopeDefaults::ROTATE_HALF, rotary_dim, max_position_embeddings)?
        },
        ffn_hidden_size: usize => {
            OptionalSize::read(reader, "ffn_hidden_size", None)?.unwrap_or(4 * hidden_size)
        },
        activation: Activation = Activation::GeluErf,
    }
    check = Self::check;
}

impl DecoderFamily for FalconConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("falcon", "Falcon")];
    const PREFIX: &'static str = "transformer";
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 11), ("eos_token_id", 11)];
    const PADS_EMBEDDINGS: bool = false;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.ignore("apply_residual_connection_post_layernorm");
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let key_rows = self.kv_heads() * self.head_dim();
        let fused = Rule::Fused {
            fields: &["q_proj", "k_proj", "v_proj"],
            stored: "query_key_value",
            rows: [self.hidden_size, key_rows, key_rows],
            groups: self.kv_heads(),
        };
        let norms = if self.has_two_norms() {
            [("input_norm", "ln_attn"), ("feed_forward_norm", "ln_mlp")]
        } else {
            [("input_norm", "input_layernorm"), ("feed_forward_norm", "post_attention_layernorm")]
        };
        let mut rules = BLOCK_NAMES.to_vec();
        rules.extend(norms.map(|(field, stored)| Rule::Rename { field, stored }));
        rules.push(fused);
        if self.has_two_norms() {
            rules.extend([".input_layernorm.weight", ".input_layernorm.bias"].map(Rule::Unread));
        }
        rules
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::layer(self.layer_norm_epsilon, true);
        let plain = nn::AttentionConfig::plain(self.num_attention_heads, self.kv_heads(), self.head_dim());
        let alibi = || Alibi::Bf16Positions(alibi_slopes(self.num_attention_heads), plain.scale);
        let layer = nn::LayerConfig::plain(
            nn::AttentionConfig {
                has_qkv_bias: self.bias,
                has_output_bias: self.bias,
                rope: (!self.alibi).then_some(0),
                scores: nn::ScoreTerms { alibi: self.alibi.then(alibi), ..nn::ScoreTerms::default() },
                ..plain.clone()
            },
            nn::FeedForwardConfig {
                intermediate_size: self.ffn_hidden_size,
                activation: self.activation,
                gate: nn::Gate::Absent,
                has_bias: self.bias,
            },
            if self.parallel_attn {
                let feed_forward_norm = self.has_two_norms().then_some(norm);
                nn::LayerOrder::Parallel { input_norm: norm, feed_forward_norm }
            } else {
                nn::LayerOrder::pre_norm(norm)
            },
        );
        nn::DecoderConfig {
            ropes: if self.alibi { Vec::new() } else { vec![self.rope.config.clone()] },
            ..nn::DecoderConfig::plain(self.vocab_size, self.hidden_size, vec![layer; self.num_hidden_layers], norm)
        }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        HeadSpec::of_decoder(head)
    }
}

impl FalconConfig {
    fn head_dim(&self) -> usize {
        self.hidden_size / self.num_attention_heads
    }

    fn kv_heads(&self) -> usize {
        if self.multi_query && !self.new_decoder_architecture { 1 } else { self.num_kv_heads }
    }

    fn has_two_norms(&self) -> bool {
        self.new_decoder_architecture && self.num_ln_in_parallel_attn.unwrap_or(2) == 2
    }

    /// Rejects combinations of keys that have no meaning.
    fn check(&self, reader: &mut ConfigReader) -> Result<()> {
        let most_norms = if self.new_decoder_architecture { 2 } else { 1 };
        let num_norms = self.num_ln_in_parallel_attn.unwrap_or(1);
        if self.parallel_attn && !(1..=most_norms).contains(&num_norms) {
            let expected = format!("between 1 and {most_norms}");
            return Err(Error::config_key(reader.file(), "num_ln_in_parallel_attn", num_norms, expected));
        }
        if self.new_decoder_architecture && !self.parallel_attn {
            let expected = "true if new_decoder_architecture is true";
            return Err(Error::config_key(reader.file(), "parallel_attn", false, expected));
        }
        let (count, heads) = (self.kv_heads(), self.num_attention_heads);
        reader.check_divides("num_kv_heads", count, "num_attention_heads", heads)?;
        if count > 1 && !self.new_decoder_architecture && self.num_kv_heads != self.num_attention_heads {
            let expected = format!("num_attention_heads = {}", self.num_attention_heads);
            return Err(Error::config_key(reader.file(), "num_kv_heads", self.num_kv_heads, expected));
        }
        Ok(())
    }
}
