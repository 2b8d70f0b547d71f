//! BERT: post-norm encoder with learned absolute positions and a pooler.
//! Config keys and weight names: google-bert/bert-base-uncased; paper arXiv 1810.04805.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::keys::post_norm::{BERT, BERT_NAMES, PostNormKeys};
use crate::family::EncoderFamily;
use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec, dense};
use crate::hf_config::Size;

hf_config! {
    pub(crate) struct BertConfig(reader, default: PostNormKeys) {
        #[serde(flatten)]
        pub(crate) sizes: PostNormKeys = default,
        type_vocab_size: Size = 2,
    }
}

impl BertConfig {
    /// Token, position and token type embeddings.
    pub(crate) fn embeddings(&self) -> nn::EncoderEmbeddingsConfig {
        nn::EncoderEmbeddingsConfig { num_token_types: Some(self.type_vocab_size), ..self.sizes.embeddings() }
    }
}

/// Checkpoint names of the masked language modeling head's parts; `rest` is the part of the output weight that is not
/// tied to the token embeddings where the embeddings are narrower than the layers.
pub(crate) const PREDICTIONS: &[(&str, &str)] = &[
    ("head.transform.layer_norm", "cls.predictions.transform.LayerNorm"),
    ("head.transform", "cls.predictions.transform"),
    ("head.output.bias", "cls.predictions.bias"),
    ("head.output", "cls.predictions.decoder"),
    ("head.rest", "cls.predictions.dense"),
];

impl EncoderFamily for BertConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("bert", "Bert")];
    const PREFIX: &'static str = "bert";
    const HAS_POOLER: bool = true;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader, BERT)
    }

    fn limits(&self) -> Limits {
        self.sizes.limits(self.type_vocab_size, PositionRule::FromZero)
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        BERT_NAMES.to_vec()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        self.sizes.encoder(self.embeddings(), self.sizes.layer())
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::MaskedLm => Some(HeadSpec::masked_lm(
                dense(self.sizes.hidden_size, self.sizes.hidden_act),
                self.sizes.layer_norm_eps,
                PREDICTIONS,
            )),
            _ => HeadSpec::of_pooled_encoder(head),
        }
    }
}
