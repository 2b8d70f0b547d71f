"""Names of transformers.models.falcon.modeling_falcon. Written by ci/python_stubs.py."""

from trustformers.activations import get_activation as get_activation
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import FalconConfig as FalconConfig
from trustformers.models.families import FalconForCausalLM as FalconForCausalLM
from trustformers.models.families import FalconForSequenceClassification as FalconForSequenceClassification
from trustformers.models.families import FalconForTokenClassification as FalconForTokenClassification
from trustformers.models.families import FalconModel as FalconModel
from trustformers.models.families import FalconPreTrainedModel as FalconPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions as BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.other_outputs import CausalLMOutputWithCrossAttentions as CausalLMOutputWithCrossAttentions
from trustformers.models.other_outputs import SequenceClassifierOutputWithPast as SequenceClassifierOutputWithPast
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "BaseModelOutputWithPastAndCrossAttentions",
    "Cache",
    "CausalLMOutputWithCrossAttentions",
    "DynamicCache",
    "FalconConfig",
    "FalconForCausalLM",
    "FalconForSequenceClassification",
    "FalconForTokenClassification",
    "FalconModel",
    "FalconPreTrainedModel",
    "GenerationMixin",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutputWithPast",
    "TokenClassifierOutput",
    "get_activation",
    "logging",
]
