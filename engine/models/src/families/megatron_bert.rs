//! Megatron BERT: BERT with pre-norm layers, a final norm and unnormalized embeddings.
//! Config keys and weight names: nvidia/megatron-bert-uncased-345m; paper arXiv 1909.08053.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::EngineBackend;

use crate::families::bert::BertConfig;
use crate::families::keys::post_norm::{BERT, PostNormKeys};
use crate::families::keys::pre_norm::{self, PreNormLayer};
use crate::family::{EncoderFamily, EncoderOf};
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec};

#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct MegatronBertConfig(BertConfig);

impl EncoderFamily for MegatronBertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("megatron-bert", "MegatronBert")];
    const PREFIX: &'static str = "bert";
    const HAS_POOLER: bool = true;
    const WEIGHTS: &'static [Rule] = &[
        Rule::Rename { field: "encoder.norm", stored: "encoder.ln" },
        Rule::Rename { field: "attention_norm", stored: "attention.ln" },
        Rule::Rename { field: "attention", stored: "attention.self" },
        Rule::Rename { field: "o_proj", stored: "attention.output.dense" },
        Rule::Rename { field: "feed_forward_norm", stored: "ln" },
        Rule::Rename { field: "mlp.up_proj", stored: "intermediate.dense" },
        Rule::Rename { field: "mlp.down_proj", stored: "output.dense" },
    ];
    type Positions<B: EngineBackend> = nn::EmbeddedPositions;
    type Layer<B: EngineBackend> = PreNormLayer<B>;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let default = PostNormKeys {
            vocab_size: 29_056,
            hidden_size: 1024,
            num_hidden_layers: 24,
            num_attention_heads: 16,
            intermediate_size: 4096,
            ..BERT
        };
        BertConfig::read(reader, default).map(Self)
    }

    fn limits(&self) -> Limits {
        self.0.limits()
    }

    fn encoder<B: EngineBackend>(&self, has_pooler: bool, device: &B::Device) -> EncoderOf<Self, B> {
        let embeddings = nn::EncoderEmbeddingsConfig { norm: None, ..self.0.embeddings() };
        pre_norm::encoder(&self.0.sizes, embeddings, has_pooler, device)
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        self.0.head(head)
    }
}
