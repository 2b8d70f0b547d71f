"""Names of transformers.models.ernie.modeling_ernie. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.families import ErnieConfig as ErnieConfig
from trustformers.models.families import ErnieForMaskedLM as ErnieForMaskedLM
from trustformers.models.families import ErnieForQuestionAnswering as ErnieForQuestionAnswering
from trustformers.models.families import ErnieForSequenceClassification as ErnieForSequenceClassification
from trustformers.models.families import ErnieForTokenClassification as ErnieForTokenClassification
from trustformers.models.families import ErnieModel as ErnieModel
from trustformers.models.families import ErniePreTrainedModel as ErniePreTrainedModel
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
    "Cache",
    "CausalLMOutputWithCrossAttentions",
    "DynamicCache",
    "EncoderDecoderCache",
    "ErnieConfig",
    "ErnieForMaskedLM",
    "ErnieForQuestionAnswering",
    "ErnieForSequenceClassification",
    "ErnieForTokenClassification",
    "ErnieModel",
    "ErniePreTrainedModel",
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
