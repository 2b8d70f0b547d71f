use std::str::FromStr;

use trustformers_core::{Error, Result};
use trustformers_nn::{HeadInput, TransformConfig};
use trustformers_ops::Activation;

/// Head of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Head {
    /// No head: the base model.
    Base,
    /// No head: the encoder of an encoder-decoder.
    Encoder,
    /// Logits over the vocabulary for every token.
    MaskedLm,
    /// Logits over the vocabulary for the next token, at every token.
    CausalLm,
    /// Logits over the vocabulary for the next token of an encoder-decoder, at every token of the decoder.
    Seq2SeqLm,
    /// Logits over the labels for each sequence.
    SequenceClassification,
    /// Logits over the labels for every token.
    TokenClassification,
    /// Logits of the answer's start and end for every token.
    QuestionAnswering,
}

impl Head {
    /// All heads.
    pub const ALL: [Self; 8] = [
        Self::Base,
        Self::Encoder,
        Self::MaskedLm,
        Self::CausalLm,
        Self::Seq2SeqLm,
        Self::SequenceClassification,
        Self::TokenClassification,
        Self::QuestionAnswering,
    ];

    /// Heads that encoders support.
    pub(crate) const OF_ENCODERS: &'static [Self] =
        &[Self::Base, Self::MaskedLm, Self::SequenceClassification, Self::TokenClassification, Self::QuestionAnswering];

    /// Name of the head in snake case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Encoder => "encoder",
            Self::MaskedLm => "masked_lm",
            Self::CausalLm => "causal_lm",
            Self::Seq2SeqLm => "seq2seq_lm",
            Self::SequenceClassification => "sequence_classification",
            Self::TokenClassification => "token_classification",
            Self::QuestionAnswering => "question_answering",
        }
    }

    /// Whether the model returns hidden states instead of logits.
    pub fn is_absent(self) -> bool {
        matches!(self, Self::Base | Self::Encoder)
    }

    /// Whether the head computes logits for every token instead of for each sequence.
    pub fn is_per_token(self) -> bool {
        !self.is_absent() && self != Self::SequenceClassification
    }

    /// Whether the loss is the mean cross entropy of a class for each token, which a recorded pass computes.
    pub fn classifies_tokens(self) -> bool {
        self.is_per_token() && self != Self::QuestionAnswering
    }

    /// Suffix of the class names with this head, such as `ForMaskedLM`.
    pub fn class_suffix(self) -> &'static str {
        match self {
            Self::Base => "Model",
            Self::Encoder => "EncoderModel",
            Self::MaskedLm => "ForMaskedLM",
            Self::CausalLm => "ForCausalLM",
            Self::Seq2SeqLm => "ForConditionalGeneration",
            Self::SequenceClassification => "ForSequenceClassification",
            Self::TokenClassification => "ForTokenClassification",
            Self::QuestionAnswering => "ForQuestionAnswering",
        }
    }
}

impl FromStr for Head {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|head| head.name() == name)
            .ok_or_else(|| Error::input("head", format!("\"{name}\" is not one of {:?}", Self::ALL.map(Self::name))))
    }
}

/// A family's specification of a head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadSpec {
    pub(crate) input: HeadInput,
    pub(crate) transform: Option<TransformConfig>,
    pub(crate) has_bias: bool,
    /// Number of leading features that the output layer's weight covers, if a second weight covers the rest.
    pub(crate) output_width: Option<usize>,
    /// Fields of the head and the checkpoint's names for them.
    pub(crate) names: &'static [(&'static str, &'static str)],
}

impl HeadSpec {
    /// A linear layer on every token.
    pub(crate) fn linear(names: &'static [(&'static str, &'static str)], has_bias: bool) -> Self {
        Self { input: HeadInput::EveryToken, transform: None, has_bias, output_width: None, names }
    }

    /// Heads of decoders whose token classifier is named `classifier`; `None` for the base model.
    pub(crate) fn of_decoder(head: Head) -> Option<Self> {
        match head {
            Head::CausalLm => Some(Self::linear(&[("head.output", "lm_head")], false)),
            Head::SequenceClassification => Some(Self::linear(&[("head.output", "score")], false)),
            Head::TokenClassification => Some(Self::classifier(HeadInput::EveryToken)),
            Head::Base | Head::Encoder | Head::MaskedLm | Head::Seq2SeqLm | Head::QuestionAnswering => None,
        }
    }

    /// Heads of encoders with a pooler, but for the masked language modeling head.
    pub(crate) fn of_pooled_encoder(head: Head) -> Option<Self> {
        match head {
            Head::Base | Head::Encoder | Head::CausalLm | Head::MaskedLm | Head::Seq2SeqLm => None,
            Head::SequenceClassification => Some(Self::classifier(HeadInput::Pooled)),
            Head::TokenClassification => Some(Self::classifier(HeadInput::EveryToken)),
            Head::QuestionAnswering => Some(Self::qa_outputs()),
        }
    }

    /// A linear layer named `classifier` in checkpoints.
    pub(crate) fn classifier(input: HeadInput) -> Self {
        Self { input, transform: None, has_bias: true, output_width: None, names: &[("head.output", "classifier")] }
    }

    /// A linear layer named `qa_outputs` in checkpoints.
    pub(crate) fn qa_outputs() -> Self {
        let names = &[("head.output", "qa_outputs")];
        Self { input: HeadInput::EveryToken, transform: None, has_bias: true, output_width: None, names }
    }

    /// Two linear layers on the first token, named `classifier.dense` and `classifier.out_proj` in checkpoints.
    pub(crate) fn dense_classifier(hidden_size: usize, activation: Activation) -> Self {
        let names = &[("head.transform.dense", "classifier.dense"), ("head.output", "classifier.out_proj")];
        Self {
            input: HeadInput::First,
            transform: Some(dense(hidden_size, activation)),
            has_bias: true,
            output_width: None,
            names,
        }
    }

    /// Two linear layers on a token, named `classification_head.dense` and `classification_head.out_proj` in checkpoints.
    pub(crate) fn classification_head(hidden_size: usize) -> Self {
        let names =
            &[("head.transform.dense", "classification_head.dense"), ("head.output", "classification_head.out_proj")];
        let transform = Some(dense(hidden_size, Activation::Tanh));
        Self { input: HeadInput::EveryToken, transform, has_bias: true, output_width: None, names }
    }

    /// A transform, a layer norm and an output layer with a bias.
    pub(crate) fn masked_lm(
        transform: TransformConfig,
        layer_norm_eps: f64,
        names: &'static [(&'static str, &'static str)],
    ) -> Self {
        let transform = TransformConfig { layer_norm_eps: Some(layer_norm_eps), ..transform };
        Self { input: HeadInput::EveryToken, transform: Some(transform), has_bias: true, output_width: None, names }
    }
}

/// A linear layer and an activation.
pub(crate) fn dense(size: usize, activation: Activation) -> TransformConfig {
    TransformConfig { size, has_bias: true, activation, layer_norm_eps: None, has_norm_bias: true }
}
