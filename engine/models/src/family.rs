use serde::Serialize;
use serde_json::Value;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::EngineBackend;

use crate::forward::input::{Limits, PositionRule};
use crate::head::{Head, HeadSpec};

/// A family of encoders: its configuration, its layer, its heads and its weight names.
pub(crate) trait EncoderFamily: Serialize + Sized + Send + Sync + 'static {
    /// Each `model_type`, and how the names of its classes begin.
    const TYPES: &'static [(&'static str, &'static str)];
    /// Under which checkpoints with a head hold the encoder.
    const PREFIX: &'static str;
    /// Whether the base model has a pooler.
    const HAS_POOLER: bool = false;
    /// What a model may have behind the encoder.
    const HEADS: &'static [Head] = Head::OF_ENCODERS;
    /// Common names of keys, and this family's.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];
    /// Special tokens that a configuration has if it does not say otherwise.
    const TOKENS: &'static [(&'static str, i64)] = &[("pad_token_id", 0)];
    const WEIGHTS: &'static [Rule];
    type Positions<B: EngineBackend>: nn::Positions<B>;
    type Layer<B: EngineBackend>: nn::EncoderLayer<B, Shared = <Self::Positions<B> as nn::Positions<B>>::Shared>;

    fn read_config(reader: &mut ConfigReader) -> Result<Self>;
    fn limits(&self) -> Limits;

    /// Whether a masked language model's logits come from the token embeddings, by what the configuration states.
    fn ties_embeddings(stated: Option<bool>) -> bool {
        stated.unwrap_or(true)
    }

    /// Rules that depend on the configuration, or on whether the checkpoint holds tensors with a segment in their names.
    fn more_weights(&self, _holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        Vec::new()
    }

    fn encoder<B: EngineBackend>(&self, has_pooler: bool, device: &B::Device) -> EncoderOf<Self, B>;
    /// Nothing for the base model.
    fn head(&self, head: Head) -> Option<HeadSpec>;
}

/// The encoder of a family.
pub(crate) type EncoderOf<F, B> = nn::Encoder<B, <F as EncoderFamily>::Positions<B>, <F as EncoderFamily>::Layer<B>>;

/// A family of decoders: its configuration, what its layers are made with, its heads and its weight names.
pub(crate) trait DecoderFamily: Serialize + Sized + Send + Sync + 'static {
    /// Each `model_type`, and how the names of its classes begin.
    const TYPES: &'static [(&'static str, &'static str)];
    /// Under which checkpoints with a head hold the decoder.
    const PREFIX: &'static str = "model";
    /// Common names of keys, and this family's.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];
    /// The name of the class with a language modeling head, where it is not made as the others are.
    const CAUSAL_LM: Option<&'static str> = None;
    /// Special tokens that a configuration has if it does not say otherwise.
    const TOKENS: &'static [(&'static str, i64)] = &[];
    /// Whether logits come from the words' vectors if the configuration does not say.
    const TIES_EMBEDDINGS: bool = false;
    /// Whether `is_causal` of the configuration has a say.
    const READS_IS_CAUSAL: bool = true;
    /// What a model may have behind the decoder.
    const HEADS: &'static [Head] =
        &[Head::Base, Head::CausalLm, Head::SequenceClassification, Head::TokenClassification];

    fn read_config(reader: &mut ConfigReader) -> Result<Self>;
    fn weights(&self) -> Vec<Rule>;
    fn decoder(&self) -> nn::DecoderConfig;

    /// What the language modeling head does beside its products.
    fn logits(&self) -> Logits {
        Logits::default()
    }

    /// How positions are counted that the caller does not give.
    fn positions(&self) -> PositionRule {
        PositionRule::FromZero
    }

    /// Nothing for the base model.
    fn head(&self, head: Head) -> Option<HeadSpec> {
        match head {
            Head::CausalLm => Some(HeadSpec::linear(&[("head.output", "lm_head")], self.logits().has_bias)),
            Head::SequenceClassification => Some(HeadSpec::linear(&[("head.output", "score")], false)),
            Head::TokenClassification => Some(HeadSpec::linear(&[("head.output", "score")], true)),
            Head::Base | Head::MaskedLm | Head::QuestionAnswering => None,
        }
    }
}

/// What a language modeling head does beside its products.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Logits {
    /// Whether it adds a vector.
    pub(crate) has_bias: bool,
    /// Factor of the logits.
    pub(crate) multiplier: f64,
    /// What they are bent to stay below.
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
    /// The value of the key in `config.json`.
    pub model_type: &'static str,
    /// How the names of its classes begin.
    pub class_prefix: &'static str,
    causal_lm: Option<&'static str>,
    /// Common names of keys, and this family's.
    pub aliases: &'static [(&'static str, &'static str)],
    /// What its models may have behind their layers.
    pub heads: &'static [Head],
}

impl Family {
    pub(crate) fn encoders<F: EncoderFamily>() -> impl Iterator<Item = Self> {
        let (aliases, heads) = (F::ALIASES, F::HEADS);
        F::TYPES.iter().map(move |(model_type, class_prefix)| Self {
            model_type,
            class_prefix,
            causal_lm: None,
            aliases,
            heads,
        })
    }

    pub(crate) fn decoders<F: DecoderFamily>() -> impl Iterator<Item = Self> {
        let (aliases, heads, causal_lm) = (F::ALIASES, F::HEADS, F::CAUSAL_LM);
        F::TYPES.iter().map(move |(model_type, class_prefix)| Self {
            model_type,
            class_prefix,
            causal_lm,
            aliases,
            heads,
        })
    }

    /// The name of the class with a head.
    pub fn class_name(&self, head: Head) -> String {
        let own = self.causal_lm.filter(|_| head == Head::CausalLm);
        own.map_or_else(|| format!("{}{}", self.class_prefix, head.class_suffix()), str::to_owned)
    }
}

/// A configuration as the keys of a `config.json`.
///
/// **Errors:** `Internal` if a value has no JSON form.
pub(crate) fn to_json(config: &impl Serialize) -> Result<Value> {
    serde_json::to_value(config).map_err(|error| Error::internal(error.to_string()))
}
