//! RemBERT: BERT with narrow input embeddings and wide, untied output embeddings.
//! Config keys and weight names: google/rembert; paper arXiv 2010.12821.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::post_norm::{BERT, BERT_NAMES, PostNormKeys};
use crate::family::EncoderFamily;
use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec, dense};
use crate::hf_config::Size;

hf_config! {
    pub(crate) struct RemBertConfig {
        #[serde(flatten)]
        sizes: PostNormKeys = PostNormKeys {
            vocab_size: 250_300,
            hidden_size: 1152,
            num_hidden_layers: 32,
            num_attention_heads: 18,
            intermediate_size: 4608,
            ..BERT
        },
        input_embedding_size: Size = 256,
        output_embedding_size: Size = 1664,
        type_vocab_size: Size = 2,
    }
}

impl EncoderFamily for RemBertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("rembert", "RemBert")];
    const PREFIX: &'static str = "rembert";
    const HAS_POOLER: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 0), ("bos_token_id", 312), ("eos_token_id", 313)];

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn ties_embeddings(_stated: Option<bool>) -> bool {
        false
    }

    fn limits(&self) -> Limits {
        let limits = self.sizes.limits(self.type_vocab_size, PositionRule::FromZero);
        Limits { embedding_size: self.input_embedding_size, ..limits }
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        let project = Rule::Rename { field: "embeddings.project", stored: "encoder.embedding_hidden_mapping_in" };
        [&[project], BERT_NAMES].concat()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let embeddings = nn::EncoderEmbeddingsConfig {
            embedding_size: self.input_embedding_size,
            num_token_types: Some(self.type_vocab_size),
            projected_size: Some(self.sizes.hidden_size),
            ..self.sizes.embeddings()
        };
        self.sizes.encoder(embeddings, self.sizes.layer())
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::MaskedLm => Some(HeadSpec::masked_lm(
                dense(self.output_embedding_size, self.sizes.hidden_act),
                self.sizes.layer_norm_eps,
                &[
                    ("head.transform.dense", "cls.predictions.dense"),
                    ("head.transform.layer_norm", "cls.predictions.LayerNorm"),
                    ("head.output", "cls.predictions.decoder"),
                ],
            )),
            _ => HeadSpec::of_pooled_encoder(head),
        }
    }
}
