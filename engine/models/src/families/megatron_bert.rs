//! Megatron BERT: BERT with pre-norm layers, a final norm and unnormalized embeddings.
//! Config keys and weight names: nvidia/megatron-bert-uncased-345m; paper arXiv 1909.08053.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::bert::BertConfig;
use crate::families::keys::post_norm::{BERT, BERT_NAMES, PostNormKeys};
use crate::family::EncoderFamily;
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec};

#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct MegatronBertConfig(BertConfig);

impl EncoderFamily for MegatronBertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("megatron-bert", "MegatronBert")];
    const PREFIX: &'static str = "bert";
    const HAS_POOLER: bool = true;

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

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        let own = [
            Rule::Rename { field: "encoder.norm", stored: "encoder.ln" },
            Rule::Rename { field: "input_norm", stored: "attention.ln" },
            Rule::Rename { field: "feed_forward_norm", stored: "ln" },
        ];
        [&own, BERT_NAMES].concat()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let embeddings = nn::EncoderEmbeddingsConfig { norm: None, ..self.0.embeddings() };
        self.0.sizes.pre_norm_encoder(embeddings)
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        self.0.head(head)
    }
}
