"""Names of transformers.models.electra.modeling_electra. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.activations import get_activation as get_activation
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.families import ElectraConfig as ElectraConfig
from trustformers.models.families import ElectraForMaskedLM as ElectraForMaskedLM
from trustformers.models.families import ElectraForQuestionAnswering as ElectraForQuestionAnswering
from trustformers.models.families import ElectraForSequenceClassification as ElectraForSequenceClassification
from trustformers.models.families import ElectraForTokenClassification as ElectraForTokenClassification
from trustformers.models.families import ElectraModel as ElectraModel
from trustformers.models.families import ElectraPreTrainedModel as ElectraPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutputWithCrossAttentions as BaseModelOutputWithCrossAttentions
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions as BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.other_outputs import CausalLMOutputWithCrossAttentions as CausalLMOutputWithCrossAttentions
from trustformers.models.other_outputs import MultipleChoiceModelOutput as MultipleChoiceModelOutput
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithCrossAttentions",
    "BaseModelOutputWithPastAndCrossAttentions",
    "Cache",
    "CausalLMOutputWithCrossAttentions",
    "DynamicCache",
    "ElectraConfig",
    "ElectraForMaskedLM",
    "ElectraForQuestionAnswering",
    "ElectraForSequenceClassification",
    "ElectraForTokenClassification",
    "ElectraModel",
    "ElectraPreTrainedModel",
    "EncoderDecoderCache",
    "GenerationMixin",
    "MaskedLMOutput",
    "ModelOutput",
    "MultipleChoiceModelOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
    "get_activation",
    "logging",
]
