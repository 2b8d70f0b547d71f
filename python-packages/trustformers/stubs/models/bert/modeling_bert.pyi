"""Names of transformers.models.bert.modeling_bert. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.families import BertConfig as BertConfig
from trustformers.models.families import BertForMaskedLM as BertForMaskedLM
from trustformers.models.families import BertForQuestionAnswering as BertForQuestionAnswering
from trustformers.models.families import BertForSequenceClassification as BertForSequenceClassification
from trustformers.models.families import BertForTokenClassification as BertForTokenClassification
from trustformers.models.families import BertModel as BertModel
from trustformers.models.families import BertPreTrainedModel as BertPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions as BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.other_outputs import BaseModelOutputWithPoolingAndCrossAttentions as BaseModelOutputWithPoolingAndCrossAttentions
from trustformers.models.other_outputs import CausalLMOutputWithCrossAttentions as CausalLMOutputWithCrossAttentions
from trustformers.models.other_outputs import MultipleChoiceModelOutput as MultipleChoiceModelOutput
from trustformers.models.other_outputs import NextSentencePredictorOutput as NextSentencePredictorOutput
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPastAndCrossAttentions",
    "BaseModelOutputWithPoolingAndCrossAttentions",
    "BertConfig",
    "BertForMaskedLM",
    "BertForQuestionAnswering",
    "BertForSequenceClassification",
    "BertForTokenClassification",
    "BertModel",
    "BertPreTrainedModel",
    "Cache",
    "CausalLMOutputWithCrossAttentions",
    "DynamicCache",
    "EncoderDecoderCache",
    "GenerationMixin",
    "MaskedLMOutput",
    "ModelOutput",
    "MultipleChoiceModelOutput",
    "NextSentencePredictorOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
    "logging",
]
