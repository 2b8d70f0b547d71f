"""Outputs that no model here gives, for code that makes them or names them in annotations and `isinstance`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trustformers.models.outputs import ModelOutput

__all__ = [
    "BaseModelOutput",
    "BaseModelOutputWithCrossAttentions",
    "BaseModelOutputWithNoAttention",
    "BaseModelOutputWithPastAndCrossAttentions",
    "BaseModelOutputWithPoolingAndCrossAttentions",
    "CausalLMOutput",
    "CausalLMOutputWithCrossAttentions",
    "MoeCausalLMOutputWithPast",
    "MoeModelOutputWithPast",
    "MultipleChoiceModelOutput",
    "NextSentencePredictorOutput",
    "Seq2SeqLMOutput",
    "Seq2SeqModelOutput",
    "Seq2SeqQuestionAnsweringModelOutput",
    "Seq2SeqSequenceClassifierOutput",
    "SequenceClassifierOutputWithPast",
]


@dataclass(eq=False)
class BaseModelOutput(ModelOutput):
    """Output of an encoder."""

    last_hidden_state: Any = None
    hidden_states: Any = None
    attentions: Any = None


@dataclass(eq=False)
class BaseModelOutputWithCrossAttentions(ModelOutput):
    """Output of a decoder that attends to an encoder."""

    last_hidden_state: Any = None
    hidden_states: Any = None
    attentions: Any = None
    cross_attentions: Any = None


@dataclass(eq=False)
class BaseModelOutputWithNoAttention(ModelOutput):
    """Output of a model without attention."""

    last_hidden_state: Any = None
    hidden_states: Any = None


@dataclass(eq=False)
class BaseModelOutputWithPastAndCrossAttentions(ModelOutput):
    """Output of a decoder that attends to an encoder, with its cache."""

    last_hidden_state: Any = None
    past_key_values: Any = None
    hidden_states: Any = None
    attentions: Any = None
    cross_attentions: Any = None


@dataclass(eq=False)
class BaseModelOutputWithPoolingAndCrossAttentions(ModelOutput):
    """Output of a base model with a pooler that can attend to an encoder."""

    last_hidden_state: Any = None
    pooler_output: Any = None
    hidden_states: Any = None
    past_key_values: Any = None
    attentions: Any = None
    cross_attentions: Any = None


@dataclass(eq=False)
class CausalLMOutput(ModelOutput):
    """Output of a causal language model without a cache."""

    loss: Any = None
    logits: Any = None
    hidden_states: Any = None
    attentions: Any = None


@dataclass(eq=False)
class CausalLMOutputWithCrossAttentions(ModelOutput):
    """Output of a causal language model that can attend to an encoder."""

    loss: Any = None
    logits: Any = None
    past_key_values: Any = None
    hidden_states: Any = None
    attentions: Any = None
    cross_attentions: Any = None


@dataclass(eq=False)
class MoeCausalLMOutputWithPast(ModelOutput):
    """Output of a causal language model with experts."""

    loss: Any = None
    aux_loss: Any = None
    logits: Any = None
    past_key_values: Any = None
    hidden_states: Any = None
    attentions: Any = None
    router_logits: Any = None


@dataclass(eq=False)
class MoeModelOutputWithPast(ModelOutput):
    """Output of a decoder with experts."""

    last_hidden_state: Any = None
    past_key_values: Any = None
    hidden_states: Any = None
    attentions: Any = None
    router_logits: Any = None


@dataclass(eq=False)
class MultipleChoiceModelOutput(ModelOutput):
    """Output of a multiple choice model."""

    loss: Any = None
    logits: Any = None
    hidden_states: Any = None
    attentions: Any = None


@dataclass(eq=False)
class NextSentencePredictorOutput(ModelOutput):
    """Output of a model that predicts whether a sentence follows another."""

    loss: Any = None
    logits: Any = None
    hidden_states: Any = None
    attentions: Any = None


@dataclass(eq=False)
class SequenceClassifierOutputWithPast(ModelOutput):
    """Output of a sequence classifier with a cache."""

    loss: Any = None
    logits: Any = None
    past_key_values: Any = None
    hidden_states: Any = None
    attentions: Any = None


@dataclass(eq=False)
class Seq2SeqLMOutput(ModelOutput):
    """Output of an encoder-decoder language model."""

    loss: Any = None
    logits: Any = None
    past_key_values: Any = None
    decoder_hidden_states: Any = None
    decoder_attentions: Any = None
    cross_attentions: Any = None
    encoder_last_hidden_state: Any = None
    encoder_hidden_states: Any = None
    encoder_attentions: Any = None


@dataclass(eq=False)
class Seq2SeqModelOutput(ModelOutput):
    """Output of an encoder-decoder."""

    last_hidden_state: Any = None
    past_key_values: Any = None
    decoder_hidden_states: Any = None
    decoder_attentions: Any = None
    cross_attentions: Any = None
    encoder_last_hidden_state: Any = None
    encoder_hidden_states: Any = None
    encoder_attentions: Any = None


@dataclass(eq=False)
class Seq2SeqSequenceClassifierOutput(Seq2SeqLMOutput):
    """Output of an encoder-decoder with a sequence classification head."""


@dataclass(eq=False)
class Seq2SeqQuestionAnsweringModelOutput(ModelOutput):
    """Output of an encoder-decoder with a question answering head."""

    loss: Any = None
    start_logits: Any = None
    end_logits: Any = None
    past_key_values: Any = None
    decoder_hidden_states: Any = None
    decoder_attentions: Any = None
    cross_attentions: Any = None
    encoder_last_hidden_state: Any = None
    encoder_hidden_states: Any = None
    encoder_attentions: Any = None
