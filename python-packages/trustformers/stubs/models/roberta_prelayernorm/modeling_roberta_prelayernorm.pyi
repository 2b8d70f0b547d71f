"""Names of transformers.models.roberta_prelayernorm.modeling_roberta_prelayernorm. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.activations import gelu as gelu
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.families import RobertaPreLayerNormConfig as RobertaPreLayerNormConfig
from trustformers.models.families import RobertaPreLayerNormForMaskedLM as RobertaPreLayerNormForMaskedLM
from trustformers.models.families import RobertaPreLayerNormForQuestionAnswering as RobertaPreLayerNormForQuestionAnswering
from trustformers.models.families import RobertaPreLayerNormForSequenceClassification as RobertaPreLayerNormForSequenceClassification
from trustformers.models.families import RobertaPreLayerNormForTokenClassification as RobertaPreLayerNormForTokenClassification
from trustformers.models.families import RobertaPreLayerNormModel as RobertaPreLayerNormModel
from trustformers.models.families import RobertaPreLayerNormPreTrainedModel as RobertaPreLayerNormPreTrainedModel
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
    "RobertaPreLayerNormConfig",
    "RobertaPreLayerNormForMaskedLM",
    "RobertaPreLayerNormForQuestionAnswering",
    "RobertaPreLayerNormForSequenceClassification",
    "RobertaPreLayerNormForTokenClassification",
    "RobertaPreLayerNormModel",
    "RobertaPreLayerNormPreTrainedModel",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
    "gelu",
    "logging",
]
