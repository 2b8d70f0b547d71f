//! ALBERT: BERT with narrow embeddings whose layers share their weights in groups.
//! Config keys and weight names: albert/albert-base-v2; paper arXiv 1909.11942.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::post_norm::{BERT, PostNormKeys};
use crate::family::EncoderFamily;
use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec, dense};
use crate::hf_config::{LayerCount, Size};

hf_config! {
    pub(crate) struct AlbertConfig {
        #[serde(flatten)]
        sizes: PostNormKeys = PostNormKeys {
            vocab_size: 30000,
            hidden_size: 4096,
            num_attention_heads: 64,
            intermediate_size: 16384,
            hidden_act: Activation::GeluTanh,
            ..BERT
        },
        embedding_size: Size = 128,
        num_hidden_groups: usize = 1,
        inner_group_num: LayerCount = 1,
        type_vocab_size: Size = 2,
    }
}

impl EncoderFamily for AlbertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("albert", "Albert")];
    const PREFIX: &'static str = "albert";
    const HAS_POOLER: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 0), ("bos_token_id", 2), ("eos_token_id", 3)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        for key in ["is_decoder", "add_cross_attention"] {
            reader.ignore(key);
        }
        // Training-only keys of published checkpoints.
        for key in ["down_scale_factor", "gap_size", "net_structure_type", "num_memory_blocks"] {
            reader.ignore(key);
        }
        let config = Self::read(reader)?;
        let (groups, layers) = (config.num_hidden_groups, config.sizes.num_hidden_layers);
        if groups == 0 || groups > layers {
            let expected = format!("from 1 to num_hidden_layers = {layers}");
            return Err(Error::config_key(reader.file(), "num_hidden_groups", groups, expected));
        }
        Ok(config)
    }

    fn limits(&self) -> Limits {
        let limits = self.sizes.limits(self.type_vocab_size, PositionRule::FromZero);
        Limits { embedding_size: self.embedding_size, ..limits }
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        vec![
            Rule::Rename { field: "embeddings.project", stored: "encoder.embedding_hidden_mapping_in" },
            Rule::Rename { field: "encoder.layer", stored: "encoder.albert_layer_groups" },
            Rule::Rename { field: "layer", stored: "albert_layers" },
            Rule::Rename { field: "self_attn.q_proj", stored: "attention.query" },
            Rule::Rename { field: "self_attn.k_proj", stored: "attention.key" },
            Rule::Rename { field: "self_attn.v_proj", stored: "attention.value" },
            Rule::Rename { field: "self_attn.o_proj", stored: "attention.dense" },
            Rule::Rename { field: "feed_forward_norm", stored: "attention.LayerNorm" },
            Rule::Rename { field: "mlp.up_proj", stored: "ffn" },
            Rule::Rename { field: "mlp.down_proj", stored: "ffn_output" },
            Rule::Rename { field: "output_norm", stored: "full_layer_layer_norm" },
            Rule::Rename { field: "pooler.dense", stored: "pooler" },
            Rule::Rename { field: "layer_norm", stored: "LayerNorm" },
        ]
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let embeddings = nn::EncoderEmbeddingsConfig {
            embedding_size: self.embedding_size,
            num_token_types: Some(self.type_vocab_size),
            projected_size: Some(self.sizes.hidden_size),
            ..self.sizes.embeddings()
        };
        let group = nn::EncoderLayerConfig::Group(vec![self.sizes.layer(); self.inner_group_num]);
        let layers = vec![group.clone(); self.num_hidden_groups];
        nn::EncoderConfig { layers, ..self.sizes.encoder(embeddings, group) }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::MaskedLm => Some(HeadSpec::masked_lm(
                dense(self.embedding_size, self.sizes.hidden_act),
                self.sizes.layer_norm_eps,
                &[
                    ("head.transform.dense", "predictions.dense"),
                    ("head.transform.layer_norm", "predictions.LayerNorm"),
                    ("head.output.bias", "predictions.bias"),
                    ("head.output", "predictions.decoder"),
                ],
            )),
            _ => HeadSpec::of_pooled_encoder(head),
        }
    }
}
