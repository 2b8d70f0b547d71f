//! OPT: learned positions that count unmasked tokens, pre- or post-norm layers, ReLU; token embeddings may be narrower
//! than the layers.
//! Config keys and weight names: facebook/opt-125m and facebook/opt-350m; paper arXiv 2205.01068.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::family::DecoderFamily;
use crate::forward::input::PositionRule;
use crate::head::Head;

/// Offset of the position embedding table: the row of position 0.
const RESERVED: usize = 2;

#[derive(Serialize)]
pub(crate) struct OptConfig {
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    ffn_dim: usize,
    max_position_embeddings: usize,
    do_layer_norm_before: bool,
    _remove_final_layer_norm: bool,
    word_embed_proj_dim: usize,
    num_attention_heads: usize,
    activation_function: Activation,
    enable_bias: bool,
    layer_norm_elementwise_affine: bool,
}

impl DecoderFamily for OptConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("opt", "OPT")];
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 1), ("bos_token_id", 2), ("eos_token_id", 2)];
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm, Head::SequenceClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in ["dropout", "activation_dropout", "layerdrop", "init_std"] {
            reader.ignore(key);
        }
        let hidden_size = reader.take_size("hidden_size", 768)?;
        let num_attention_heads = reader.take_size("num_attention_heads", 12)?;
        reader.check_divides("num_attention_heads", num_attention_heads, "hidden_size", hidden_size)?;
        let num_hidden_layers: usize = reader.take_or("num_hidden_layers", 12)?;
        reader.check_at_most("num_hidden_layers", num_hidden_layers, 1000)?;
        if reader.peek("word_embed_proj_dim").is_some_and(serde_json::Value::is_null) {
            reader.ignore("word_embed_proj_dim");
        }
        Ok(Self {
            vocab_size: reader.take_size("vocab_size", 50272)?,
            hidden_size,
            num_hidden_layers,
            ffn_dim: reader.take_size("ffn_dim", 3072)?,
            max_position_embeddings: reader.take_size("max_position_embeddings", 2048)?,
            do_layer_norm_before: reader.take_or("do_layer_norm_before", true)?,
            _remove_final_layer_norm: reader.take_or("_remove_final_layer_norm", false)?,
            word_embed_proj_dim: reader.take_size("word_embed_proj_dim", hidden_size)?,
            num_attention_heads,
            activation_function: reader.take_or("activation_function", Activation::Relu)?,
            enable_bias: reader.take_or("enable_bias", true)?,
            layer_norm_elementwise_affine: reader.take_or("layer_norm_elementwise_affine", true)?,
        })
    }

    fn weights(&self) -> Vec<Rule> {
        let (first, second) = if self.do_layer_norm_before {
            ("input_norm", "feed_forward_norm")
        } else {
            ("feed_forward_norm", "output_norm")
        };
        let names = [
            ("layers", "decoder.layers"),
            ("embed_tokens", "decoder.embed_tokens"),
            ("embed_positions", "decoder.embed_positions"),
            ("project_in", "decoder.project_in"),
            ("project_out", "decoder.project_out"),
            ("norm", "decoder.final_layer_norm"),
            ("self_attn.o_proj", "self_attn.out_proj"),
            ("mlp.up_proj", "fc1"),
            ("mlp.down_proj", "fc2"),
            (first, "self_attn_layer_norm"),
            (second, "final_layer_norm"),
        ];
        let mut rules = names.map(|(field, stored)| Rule::Rename { field, stored }).to_vec();
        if !self.has_norm() {
            rules.extend(["decoder.final_layer_norm.weight", "decoder.final_layer_norm.bias"].map(Rule::Unread));
        }
        if !self.enable_bias {
            rules.extend(["_proj.bias", ".fc1.bias", ".fc2.bias"].map(Rule::Unread));
        }
        if !self.layer_norm_elementwise_affine {
            rules.extend(["_layer_norm.weight", "_layer_norm.bias"].map(Rule::Unread));
        }
        rules
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let kind = if self.layer_norm_elementwise_affine {
            nn::NormKind::Layer { has_bias: true }
        } else {
            nn::NormKind::Unscaled
        };
        let norm = nn::NormConfig { kind, eps: 1e-5 };
        let heads = self.num_attention_heads;
        let layer = nn::DecoderLayerConfig {
            attention: nn::DecoderAttentionConfig {
                has_qkv_bias: self.enable_bias,
                has_output_bias: self.enable_bias,
                ..nn::DecoderAttentionConfig::plain(heads, heads, self.hidden_size / heads)
            },
            feed_forward: nn::FeedForwardConfig {
                intermediate_size: self.ffn_dim,
                activation: self.activation_function,
                gate: nn::Gate::Absent,
                has_bias: self.enable_bias,
            },
            order: if self.do_layer_norm_before {
                nn::LayerOrder::pre_norm(norm)
            } else {
                let (feed_forward_norm, output_norm) = (Some(norm), Some(norm));
                nn::LayerOrder::PostNorm { input_norm: None, feed_forward_norm, output_norm }
            },
            residual_multiplier: 1.0,
            experts: None,
        };
        nn::DecoderConfig {
            embedding_size: self.word_embed_proj_dim,
            positions: Some((self.max_position_embeddings, RESERVED)),
            norm: self.has_norm().then_some(norm),
            ..nn::DecoderConfig::plain(self.vocab_size, self.hidden_size, vec![layer; self.num_hidden_layers], norm)
        }
    }

    fn positions(&self) -> PositionRule {
        PositionRule::Unmasked
    }
}

impl OptConfig {
    fn has_norm(&self) -> bool {
        self.do_layer_norm_before && !self._remove_final_layer_norm
    }
}
