//! ELECTRA: BERT without a pooler whose embeddings may be narrower than its layers.
//! Config keys and weight names: google/electra-small-discriminator; paper arXiv 2003.10555.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::post_norm::{BERT, BERT_NAMES, PostNormKeys};
use crate::family::EncoderFamily;
use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec, dense};
use crate::hf_config::Size;

hf_config! {
    pub(crate) struct ElectraConfig {
        #[serde(flatten)]
        sizes: PostNormKeys =
            PostNormKeys { hidden_size: 256, num_attention_heads: 4, intermediate_size: 1024, ..BERT },
        embedding_size: Size = 128,
        type_vocab_size: Size = 2,
    }
}

impl EncoderFamily for ElectraConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("electra", "Electra")];
    const PREFIX: &'static str = "electra";

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        // Keys of the multiple-choice head, which is not supported.
        for key in ["summary_type", "summary_use_proj", "summary_activation"] {
            reader.ignore(key);
        }
        Self::read(reader)
    }

    fn limits(&self) -> Limits {
        let limits = self.sizes.limits(self.type_vocab_size, PositionRule::FromZero);
        Limits { embedding_size: self.embedding_size, ..limits }
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        let project = Rule::Rename { field: "embeddings.project", stored: "embeddings_project" };
        [&[project], BERT_NAMES].concat()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let hidden_size = self.sizes.hidden_size;
        let embeddings = nn::EncoderEmbeddingsConfig {
            embedding_size: self.embedding_size,
            num_token_types: Some(self.type_vocab_size),
            projected_size: (self.embedding_size != hidden_size).then_some(hidden_size),
            ..self.sizes.embeddings()
        };
        self.sizes.encoder(embeddings, self.sizes.layer())
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::Base | Head::Encoder | Head::CausalLm | Head::Seq2SeqLm => None,
            Head::MaskedLm => Some(HeadSpec::masked_lm(
                dense(self.embedding_size, Activation::GeluErf),
                self.sizes.layer_norm_eps,
                &[
                    ("head.transform.layer_norm", "generator_predictions.LayerNorm"),
                    ("head.transform", "generator_predictions"),
                    ("head.output", "generator_lm_head"),
                ],
            )),
            Head::SequenceClassification => {
                Some(HeadSpec::dense_classifier(self.sizes.hidden_size, Activation::GeluErf))
            }
            Head::TokenClassification => Some(HeadSpec::classifier(nn::HeadInput::EveryToken)),
            Head::QuestionAnswering => Some(HeadSpec::qa_outputs()),
        }
    }
}
