//! RoBERTa, XLM-RoBERTa and CamemBERT: BERT with positions that start after the padding token's id.
//! Config keys and weight names: FacebookAI/roberta-base, FacebookAI/xlm-roberta-base, almanach/camembert-base; paper
//! arXiv 1907.11692.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;
use trustformers_ops::Activation;

use crate::families::keys::post_norm::{BERT, BERT_NAMES, PostNormKeys};
use crate::family::EncoderFamily;
use crate::forward::input::{Limits, PositionRule, padding_id};
use crate::head::{Head, HeadSpec, dense};
use crate::hf_config::Size;

hf_config! {
    pub(crate) struct RobertaConfig(reader, default: PostNormKeys, token_types: usize) {
        #[serde(flatten)]
        pub(crate) sizes: PostNormKeys = default,
        type_vocab_size: Size = token_types,
        #[serde(skip)]
        pad_token_id: Option<i64> => padding_id(reader, 1)?,
    }
}

impl RobertaConfig {
    /// Token, position and token type embeddings.
    pub(crate) fn embeddings(&self) -> nn::EncoderEmbeddingsConfig {
        nn::EncoderEmbeddingsConfig { num_token_types: Some(self.type_vocab_size), ..self.sizes.embeddings() }
    }
}

impl EncoderFamily for RobertaConfig {
    const TYPES: &'static [(&'static str, &'static str)] =
        &[("roberta", "Roberta"), ("xlm-roberta", "XLMRoberta"), ("camembert", "Camembert")];
    const PREFIX: &'static str = "roberta";
    const HAS_POOLER: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 1), ("bos_token_id", 0), ("eos_token_id", 2)];
    const PADS_POSITIONS: bool = true;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        let default = PostNormKeys {
            vocab_size: if reader.peek_str("model_type") == Some("roberta") { 50265 } else { 30522 },
            ..BERT
        };
        Self::read(reader, default, 2)
    }

    fn limits(&self) -> Limits {
        self.sizes.limits(self.type_vocab_size, PositionRule::after_padding(self.pad_token_id))
    }

    fn weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        BERT_NAMES.to_vec()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        self.sizes.encoder(self.embeddings(), self.sizes.layer())
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::Base | Head::Encoder | Head::CausalLm | Head::Seq2SeqLm => None,
            Head::MaskedLm => Some(HeadSpec::masked_lm(
                dense(self.sizes.hidden_size, Activation::GeluErf),
                self.sizes.layer_norm_eps,
                LM_HEAD,
            )),
            Head::SequenceClassification => Some(HeadSpec::dense_classifier(self.sizes.hidden_size, Activation::Tanh)),
            Head::TokenClassification => Some(HeadSpec::classifier(nn::HeadInput::EveryToken)),
            Head::QuestionAnswering => Some(HeadSpec::qa_outputs()),
        }
    }
}

/// Checkpoint names of the masked language modeling head's parts.
pub(crate) const LM_HEAD: &[(&str, &str)] =
    &[("head.output.bias", "lm_head.bias"), ("head.output", "lm_head.decoder"), ("head.transform", "lm_head")];
