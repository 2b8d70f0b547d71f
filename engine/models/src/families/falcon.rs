//! Falcon: attention and an ungated feed-forward in parallel, with one norm or two, or in sequence; grouped-query or
//! multi-query attention; rotary positions or ALiBi.
//! Config keys and weight names: tiiuae/falcon-7b, tiiuae/falcon-40b and tiiuae/falcon-rw-1b; paper arXiv 2311.16867.

use serde::Serialize;
use serde_json::Value;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{Activation, Alibi, alibi_slopes};

use crate::families::bloom::BLOCK_NAMES;
use crate::families::keys::rope::{Rope, RopeDefaults};
use crate::family::DecoderFamily;
use crate::head::{Head, HeadSpec};

#[derive(Serialize)]
pub(crate) struct FalconConfig {
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_ln_in_parallel_attn: Option<usize>,
    layer_norm_epsilon: f64,
    num_kv_heads: usize,
    alibi: bool,
    new_decoder_architecture: bool,
    multi_query: bool,
    parallel_attn: bool,
    bias: bool,
    max_position_embeddings: usize,
    rope_parameters: Value,
    ffn_hidden_size: usize,
    activation: Activation,
    #[serde(skip)]
    rope: nn::RopeConfig,
}

impl DecoderFamily for FalconConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("falcon", "Falcon")];
    const PREFIX: &'static str = "transformer";
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 11), ("eos_token_id", 11)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        reader.ignore("hidden_dropout");
        reader.ignore("apply_residual_connection_post_layernorm");
        let stated = reader.take_size("hidden_size", 4544)?;
        let hidden_size = reader.take_size("n_embed", stated)?;
        let num_attention_heads = reader.take_size("num_attention_heads", 71)?;
        reader.check_divides("num_attention_heads", num_attention_heads, "hidden_size", hidden_size)?;
        let num_hidden_layers: usize = reader.take_or("num_hidden_layers", 32)?;
        reader.check_at_most("num_hidden_layers", num_hidden_layers, 1000)?;
        let kv_heads: Option<usize> = reader.take_or("num_kv_heads", None)?;
        let num_kv_heads = kv_heads.unwrap_or(num_attention_heads);
        let inner: Option<usize> = reader.take_or("ffn_hidden_size", None)?;
        if inner == Some(0) {
            return Err(Error::config_key(reader.file(), "ffn_hidden_size", 0, "at least 1, or null"));
        }
        let max_position_embeddings = reader.take_size("max_position_embeddings", 2048)?;
        let head_dim = hidden_size / num_attention_heads;
        let alibi = reader.take_or("alibi", false)?;
        // With ALiBi a head may have an odd width.
        let rotary_dim = if alibi { 2 } else { head_dim };
        let Rope { parameters, config } =
            Rope::read(reader, RopeDefaults::ROTATE_HALF, rotary_dim, max_position_embeddings)?;
        let config = Self {
            vocab_size: reader.take_size("vocab_size", 65024)?,
            hidden_size,
            num_hidden_layers,
            num_attention_heads,
            num_ln_in_parallel_attn: reader.take_or("num_ln_in_parallel_attn", None)?,
            layer_norm_epsilon: reader.take_or("layer_norm_epsilon", 1e-5)?,
            num_kv_heads,
            alibi,
            new_decoder_architecture: reader.take_or("new_decoder_architecture", false)?,
            multi_query: reader.take_or("multi_query", true)?,
            parallel_attn: reader.take_or("parallel_attn", true)?,
            bias: reader.take_or("bias", false)?,
            max_position_embeddings,
            rope_parameters: parameters,
            ffn_hidden_size: inner.unwrap_or(4 * hidden_size),
            activation: reader.take_or("activation", Activation::GeluErf)?,
            rope: config,
        };
        config.check(reader)?;
        Ok(config)
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
        let plain = nn::DecoderAttentionConfig::plain(self.num_attention_heads, self.kv_heads(), self.head_dim());
        let alibi = || Alibi::Bf16Positions(alibi_slopes(self.num_attention_heads), plain.scale);
        let layer = nn::DecoderLayerConfig {
            attention: nn::DecoderAttentionConfig {
                has_qkv_bias: self.bias,
                has_output_bias: self.bias,
                rope: (!self.alibi).then_some(0),
                alibi: self.alibi.then(alibi),
                ..plain.clone()
            },
            feed_forward: nn::FeedForwardConfig {
                intermediate_size: self.ffn_hidden_size,
                activation: self.activation,
                gate: nn::Gate::Absent,
                has_bias: self.bias,
            },
            order: if self.parallel_attn {
                let feed_forward_norm = self.has_two_norms().then_some(norm);
                nn::LayerOrder::Parallel { input_norm: norm, feed_forward_norm }
            } else {
                nn::LayerOrder::pre_norm(norm)
            },
            residual_multiplier: 1.0,
            experts: None,
        };
        nn::DecoderConfig {
            ropes: if self.alibi { Vec::new() } else { vec![self.rope.clone()] },
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
    fn check(&self, reader: &ConfigReader) -> Result<()> {
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
