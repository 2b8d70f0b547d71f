"""Names of transformers.models.gpt2.modeling_gpt2. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.activations import get_activation as get_activation
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.families import GPT2Config as GPT2Config
from trustformers.models.families import GPT2ForSequenceClassification as GPT2ForSequenceClassification
from trustformers.models.families import GPT2ForTokenClassification as GPT2ForTokenClassification
from trustformers.models.families import GPT2LMHeadModel as GPT2LMHeadModel
from trustformers.models.families import GPT2Model as GPT2Model
from trustformers.models.families import GPT2PreTrainedModel as GPT2PreTrainedModel
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions as BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.other_outputs import CausalLMOutputWithCrossAttentions as CausalLMOutputWithCrossAttentions
from trustformers.models.other_outputs import SequenceClassifierOutputWithPast as SequenceClassifierOutputWithPast
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.models.submodules import Conv1D as Conv1D
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPastAndCrossAttentions",
    "Cache",
    "CausalLMOutputWithCrossAttentions",
    "Conv1D",
    "DynamicCache",
    "EncoderDecoderCache",
    "GPT2Config",
    "GPT2ForSequenceClassification",
    "GPT2ForTokenClassification",
    "GPT2LMHeadModel",
    "GPT2Model",
    "GPT2PreTrainedModel",
    "GenerationMixin",
    "ModelOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutputWithPast",
    "TokenClassifierOutput",
    "get_activation",
    "logging",
]
