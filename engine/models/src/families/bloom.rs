//! BLOOM: ALiBi instead of position embeddings, normalized token embeddings, and fused query/key/value weights that are
//! interleaved by head.
//! Config keys and weight names: bigscience/bloom-560m; paper arXiv 2211.05100.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::{Activation, Alibi, alibi_slopes};

use crate::family::DecoderFamily;
use crate::head::{Head, HeadSpec};
use crate::hf_config::{Epsilon, HeadCount, LayerCount, Size};

hf_config! {
    pub(crate) struct BloomConfig(reader) {
        vocab_size: Size = 250_880,
        hidden_size: usize => hidden_size(reader, 64)?,
        n_layer: LayerCount = 2,
        n_head: HeadCount = (8, "hidden_size", hidden_size),
        layer_norm_epsilon: Epsilon = 1e-5,
        apply_residual_connection_post_layernorm: bool = false,
    }
}

/// Reads `hidden_size`, or the older `n_embed`, which takes precedence.
pub(crate) fn hidden_size(reader: &mut ConfigReader, default: usize) -> Result<usize> {
    let stated = reader.take_size("hidden_size", default)?;
    reader.take_size("n_embed", stated)
}

impl DecoderFamily for BloomConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("bloom", "Bloom")];
    const PREFIX: &'static str = "transformer";
    const TIES_EMBEDDINGS: bool = true;
    const ALIASES: &'static [(&'static str, &'static str)] =
        &[("num_attention_heads", "n_head"), ("num_hidden_layers", "n_layer")];
    const TOKENS: &'static [(&'static str, i64)] = &[("bos_token_id", 1), ("eos_token_id", 2)];
    const PADS_EMBEDDINGS: bool = false;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let of_training = ["bias_dropout_fusion", "masked_softmax_fusion", "skip_bias_add", "seq_length"];
        let of_older_code = ["attention_softmax_in_fp32", "offset_alibi", "skip_bias_add_qkv", "slow_but_exact"];
        for key in of_training.into_iter().chain(of_older_code).chain(["unk_token_id"]) {
            reader.ignore(key);
        }
        reader.ignore("n_inner");
        Self::read(reader)
    }

    fn weights(&self) -> Vec<Rule> {
        let fused = Rule::Fused {
            fields: &["q_proj", "k_proj", "v_proj"],
            stored: "query_key_value",
            rows: [self.hidden_size; 3],
            groups: self.n_head,
        };
        let mut rules = BLOCK_NAMES.to_vec();
        rules.extend(crate::families::keys::rotary::PRE_NORM_NAMES);
        rules.extend([Rule::Rename { field: "embed_norm", stored: "word_embeddings_layernorm" }, fused]);
        rules
    }

    fn decoder(&self) -> nn::DecoderConfig {
        let norm = nn::NormConfig::layer(self.layer_norm_epsilon, true);
        let layer = nn::LayerConfig::plain(
            nn::AttentionConfig {
                has_qkv_bias: true,
                has_output_bias: true,
                scores: nn::ScoreTerms {
                    alibi: Some(Alibi::Distances(alibi_slopes(self.n_head))),
                    ..nn::ScoreTerms::default()
                },
                ..nn::AttentionConfig::plain(self.n_head, self.n_head, self.hidden_size / self.n_head)
            },
            nn::FeedForwardConfig::plain(4 * self.hidden_size, Activation::GeluTanh),
            if self.apply_residual_connection_post_layernorm {
                let (input_norm, feed_forward_norm) = (Some(norm), Some(norm));
                nn::LayerOrder::PostNorm { input_norm, feed_forward_norm, output_norm: None }
            } else {
                nn::LayerOrder::pre_norm(norm)
            },
        );
        nn::DecoderConfig {
            embedding_norm: Some(norm),
            ..nn::DecoderConfig::plain(self.vocab_size, self.hidden_size, vec![layer; self.n_layer], norm)
        }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        HeadSpec::of_decoder(head)
    }
}

/// Checkpoint names of blocks and embeddings, shared with Falcon.
pub(crate) const BLOCK_NAMES: [Rule; 7] = [
    Rule::Rename { field: "self_attn.o_proj", stored: "self_attention.dense" },
    Rule::Rename { field: "self_attn", stored: "self_attention" },
    Rule::Rename { field: "up_proj", stored: "dense_h_to_4h" },
    Rule::Rename { field: "down_proj", stored: "dense_4h_to_h" },
    Rule::Rename { field: "embed_tokens", stored: "word_embeddings" },
    Rule::Rename { field: "layers", stored: "h" },
    Rule::Rename { field: "norm", stored: "ln_f" },
];
