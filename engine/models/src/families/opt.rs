//! OPT: learned positions that count unmasked tokens, pre- or post-norm layers, ReLU; token embeddings may be narrower
//! than the layers.
//! Config keys and weight names: facebook/opt-125m and facebook/opt-350m; paper arXiv 2205.01068.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::family::DecoderFamily;
use crate::forward::input::PositionRule;
use crate::head::Head;
use crate::hf_config::{HeadCount, LayerCount, Size};

/// Offset of the position embedding table: the row of position 0.
const RESERVED: usize = 2;

hf_config! {
    pub(crate) struct OptConfig {
        vocab_size: Size = 50272,
        hidden_size: Size = 768,
        num_hidden_layers: LayerCount = 12,
        ffn_dim: Size = 3072,
        max_position_embeddings: Size = 2048,
        do_layer_norm_before: bool = true,
        _remove_final_layer_norm: bool = false,
        word_embed_proj_dim: Size = hidden_size,
        num_attention_heads: HeadCount = (12, "hidden_size", hidden_size),
        activation_function: Activation = Activation::Relu,
        enable_bias: bool = true,
        layer_norm_elementwise_affine: bool = true,
    }
}

impl DecoderFamily for OptConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("opt", "OPT")];
    const TIES_EMBEDDINGS: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 1), ("bos_token_id", 2), ("eos_token_id", 2)];
    const HEADS: &'static [Head] = &[Head::Base, Head::CausalLm, Head::SequenceClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in ["layerdrop", "init_std"] {
            reader.ignore(key);
        }
        Self::read(reader)
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
        let layer = nn::LayerConfig::plain(
            nn::AttentionConfig {
                has_qkv_bias: self.enable_bias,
                has_output_bias: self.enable_bias,
                ..nn::AttentionConfig::plain(heads, heads, self.hidden_size / heads)
            },
            nn::FeedForwardConfig {
                intermediate_size: self.ffn_dim,
                activation: self.activation_function,
                gate: nn::Gate::Absent,
                has_bias: self.enable_bias,
            },
            if self.do_layer_norm_before {
                nn::LayerOrder::pre_norm(norm)
            } else {
                let (feed_forward_norm, output_norm) = (Some(norm), Some(norm));
                nn::LayerOrder::PostNorm { input_norm: None, feed_forward_norm, output_norm }
            },
        );
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
