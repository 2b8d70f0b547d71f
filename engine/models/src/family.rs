use serde::Serialize;
use serde_json::Value;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;

use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec};

/// A family of encoders: its configuration, layers, heads and weight names.
pub(crate) trait EncoderFamily: Serialize + Sized + Send + Sync + 'static {
    /// Each `model_type` with the prefix of its class names.
    const TYPES: &'static [(&'static str, &'static str)];
    /// Weight name prefix of the encoder in checkpoints with a head.
    const PREFIX: &'static str;
    /// Whether the base model has a pooler.
    const HAS_POOLER: bool = false;
    /// Heads that the family supports.
    const HEADS: &'static [Head] = Head::OF_ENCODERS;
    /// Common names of configuration keys and this family's names.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];
    /// Default ids of special tokens.
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 0)];

    /// Token that has no gradient whatever `pad_token_id` says.
    const PADDING: Option<i64> = None;
    /// Whether the position of padding tokens has no gradient.
    const PADS_POSITIONS: bool = false;

    fn read_config(reader: &mut ConfigReader) -> Result<Self>;
    fn limits(&self) -> Limits;

    /// Whether a masked language model ties its output weight to the token embeddings, given `tie_word_embeddings`.
    fn ties_embeddings(stated: Option<bool>) -> bool {
        stated.unwrap_or(true)
    }

    /// Weight rules; `holds` tells whether any checkpoint name contains a dotted segment.
    fn weights(&self, holds: &dyn Fn(&str) -> bool) -> Vec<Rule>;

    /// Embeddings, position encoding and layers; a model without a pooler leaves the configured one out.
    fn encoder(&self) -> nn::EncoderConfig;

    /// Specification of a head; `None` for the base model.
    fn head(&self, head: Head) -> Option<HeadSpec>;
}

/// A family of decoders: its configuration, layers, heads and weight names.
pub(crate) trait DecoderFamily: Serialize + Sized + Send + Sync + 'static {
    /// Each `model_type` with the prefix of its class names.
    const TYPES: &'static [(&'static str, &'static str)];
    /// Weight name prefix of the decoder in checkpoints with a head.
    const PREFIX: &'static str = "model";
    /// Common names of configuration keys and this family's names.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];
    /// Irregular class name of the causal language model; `None` for `<prefix>ForCausalLM`.
    const CAUSAL_LM: Option<&'static str> = None;
    /// Default ids of special tokens.
    const TOKENS: &'static [(&'static str, i64)] = &[];
    /// Whether the padding token has no gradient.
    const PADS_EMBEDDINGS: bool = true;
    /// Whether logits come from the words' vectors if the configuration does not say.
    const TIES_EMBEDDINGS: bool = false;
    /// Whether `is_causal` of the configuration is respected.
    const READS_IS_CAUSAL: bool = true;
    /// Heads that the family supports.
    const HEADS: &'static [Head] =
        &[Head::Base, Head::CausalLm, Head::SequenceClassification, Head::TokenClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self>;
    fn weights(&self) -> Vec<Rule>;
    fn decoder(&self) -> nn::DecoderConfig;

    /// Bias, scaling and softcap of the language modeling head's logits.
    fn logits(&self) -> Logits {
        Logits::default()
    }

    /// How `position_ids` are computed if the caller passes none.
    fn positions(&self) -> PositionRule {
        PositionRule::FromZero
    }

    /// Specification of a head; `None` for the base model.
    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::CausalLm => Some(HeadSpec::linear(&[("head.output", "lm_head")], self.logits().has_bias)),
            Head::SequenceClassification => Some(HeadSpec::linear(&[("head.output", "score")], false)),
            Head::TokenClassification => Some(HeadSpec::linear(&[("head.output", "score")], true)),
            Head::Base | Head::Encoder | Head::MaskedLm | Head::Seq2SeqLm | Head::QuestionAnswering => None,
        }
    }
}

/// How a decoder's tokens are computed from labels or the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Targets {
    pub(crate) shift: Shift,
    /// Whether they are computed from the source if there are no labels.
    pub(crate) of_source: bool,
}

/// The first token of tokens that are shifted to the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shift {
    /// `decoder_start_token_id`.
    FromStart,
    /// The last token that is not padding, such as a language code.
    FromLast,
}

/// A family of encoder-decoders: its configuration, layers, heads and weight names.
pub(crate) trait EncoderDecoderFamily: Serialize + Sized + Send + Sync + 'static {
    /// Each `model_type` with the prefix of its class names.
    const TYPES: &'static [(&'static str, &'static str)];
    /// Common names of configuration keys and this family's names.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];
    /// Irregular class name with a language modeling head; `None` for `<prefix>ForConditionalGeneration`.
    const SEQ2SEQ_LM: Option<&'static str> = None;
    /// Default ids of special tokens.
    const TOKENS: &'static [(&'static str, i64)] = &[];
    /// Whether the padding token has no gradient.
    const PADS_EMBEDDINGS: bool = true;
    /// Heads that the family supports.
    const HEADS: &'static [Head] = &[Head::Base, Head::Seq2SeqLm];
    /// Heads of models of the encoder alone.
    const OF_ENCODER: &'static [Head] = &[];
    /// Whether a shared table of embeddings that is missing is read from the output layer before it is read from the stacks.
    const TIES_HEAD_FIRST: bool = true;

    fn read_config(reader: &mut ConfigReader) -> Result<Self>;
    fn weights(&self) -> Vec<Rule>;
    fn encoder(&self) -> nn::DecoderConfig;
    fn decoder(&self) -> nn::DecoderConfig;

    /// Weight name prefix of the encoder-decoder in checkpoints with this head.
    fn prefix(_head: Head) -> &'static str {
        "model"
    }

    /// Whether the encoder and the decoder have one table of token embeddings, named `shared`.
    fn shares_embeddings(&self) -> bool {
        true
    }

    /// Whether the output layer may be tied to the decoder's token embeddings, given `tie_word_embeddings`.
    fn ties_embeddings(stated: bool) -> bool {
        stated
    }

    /// Factor of the decoder's hidden states that a language modeling head reads.
    fn logit_multiplier(&self) -> f64 {
        1.0
    }

    /// How positions are computed.
    fn positions(&self) -> PositionRule {
        PositionRule::FromZero
    }

    /// How the decoder's tokens are computed if the caller passes none.
    fn targets(_head: Head) -> Targets {
        Targets { shift: Shift::FromStart, of_source: false }
    }

    /// The token whose last occurrence in the source selects the position that a sequence classifier reads.
    fn classified_token(&self) -> Option<i64> {
        None
    }

    /// Specification of a head; `None` for the base model.
    fn head(&self, head: Head) -> Option<HeadSpec>;
}

/// Bias, scaling and softcap of a language modeling head's logits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Logits {
    /// Whether the head has a bias.
    pub(crate) has_bias: bool,
    /// Factor of the logits.
    pub(crate) multiplier: f64,
    /// Softcap of the logits, `cap * tanh(logit / cap)`; `None` if there is none.
    pub(crate) softcap: Option<f64>,
}

impl Default for Logits {
    fn default() -> Self {
        Self { has_bias: false, multiplier: 1.0, softcap: None }
    }
}

/// A `model_type` that can be loaded.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Value of `model_type` in `config.json`.
    pub model_type: &'static str,
    /// Prefix of the family's class names, such as `Bert`.
    pub class_prefix: &'static str,
    language_model: Option<&'static str>,
    /// Common names of configuration keys and this family's names.
    pub aliases: &'static [(&'static str, &'static str)],
    /// Heads that the family supports.
    pub heads: &'static [Head],
}

impl Family {
    pub(crate) fn encoders<F: EncoderFamily>() -> impl Iterator<Item = Self> {
        let (aliases, heads) = (F::ALIASES, F::HEADS);
        F::TYPES.iter().map(move |(model_type, class_prefix)| Self {
            model_type,
            class_prefix,
            language_model: None,
            aliases,
            heads,
        })
    }

    pub(crate) fn decoders<F: DecoderFamily>() -> impl Iterator<Item = Self> {
        let (aliases, heads, language_model) = (F::ALIASES, F::HEADS, F::CAUSAL_LM);
        F::TYPES.iter().map(move |(model_type, class_prefix)| Self {
            model_type,
            class_prefix,
            language_model,
            aliases,
            heads,
        })
    }

    pub(crate) fn encoder_decoders<F: EncoderDecoderFamily>() -> impl Iterator<Item = Self> {
        let (aliases, heads, language_model) = (F::ALIASES, F::HEADS, F::SEQ2SEQ_LM);
        F::TYPES.iter().map(move |(model_type, class_prefix)| Self {
            model_type,
            class_prefix,
            language_model,
            aliases,
            heads,
        })
    }

    /// Class name of the family with a head, such as `BertForMaskedLM`.
    pub fn class_name(&self, head: Head) -> String {
        let is_its = matches!(head, Head::CausalLm | Head::Seq2SeqLm) && self.heads.contains(&head);
        let own = self.language_model.filter(|_| is_its);
        own.map_or_else(|| format!("{}{}", self.class_prefix, head.class_suffix()), str::to_owned)
    }
}

/// A configuration as the keys of a `config.json`.
///
/// **Errors:** `Internal` if a value has no JSON form.
pub(crate) fn to_json(config: &impl Serialize) -> Result<Value> {
    serde_json::to_value(config).map_err(|error| Error::internal(error.to_string()))
}
