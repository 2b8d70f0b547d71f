"""Names of transformers.models.rembert.modeling_rembert. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.families import RemBertConfig as RemBertConfig
from trustformers.models.families import RemBertForMaskedLM as RemBertForMaskedLM
from trustformers.models.families import RemBertForQuestionAnswering as RemBertForQuestionAnswering
from trustformers.models.families import RemBertForSequenceClassification as RemBertForSequenceClassification
from trustformers.models.families import RemBertForTokenClassification as RemBertForTokenClassification
from trustformers.models.families import RemBertModel as RemBertModel
from trustformers.models.families import RemBertPreTrainedModel as RemBertPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions as BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.other_outputs import BaseModelOutputWithPoolingAndCrossAttentions as BaseModelOutputWithPoolingAndCrossAttentions
from trustformers.models.other_outputs import CausalLMOutputWithCrossAttentions as CausalLMOutputWithCrossAttentions
from trustformers.models.other_outputs import MultipleChoiceModelOutput as MultipleChoiceModelOutput
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPastAndCrossAttentions",
    "BaseModelOutputWithPoolingAndCrossAttentions",
    "Cache",
    "CausalLMOutputWithCrossAttentions",
    "DynamicCache",
    "EncoderDecoderCache",
    "GenerationMixin",
    "MaskedLMOutput",
    "MultipleChoiceModelOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "RemBertConfig",
    "RemBertForMaskedLM",
    "RemBertForQuestionAnswering",
    "RemBertForSequenceClassification",
    "RemBertForTokenClassification",
    "RemBertModel",
    "RemBertPreTrainedModel",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
    "logging",
]
