"""Names of transformers.models.bloom.modeling_bloom. Written by ci/python_stubs.py."""

from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import BloomConfig as BloomConfig
from trustformers.models.families import BloomForCausalLM as BloomForCausalLM
from trustformers.models.families import BloomForSequenceClassification as BloomForSequenceClassification
from trustformers.models.families import BloomForTokenClassification as BloomForTokenClassification
from trustformers.models.families import BloomModel as BloomModel
from trustformers.models.families import BloomPreTrainedModel as BloomPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions as BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.other_outputs import CausalLMOutputWithCrossAttentions as CausalLMOutputWithCrossAttentions
from trustformers.models.other_outputs import SequenceClassifierOutputWithPast as SequenceClassifierOutputWithPast
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "BaseModelOutputWithPastAndCrossAttentions",
    "BloomConfig",
    "BloomForCausalLM",
    "BloomForSequenceClassification",
    "BloomForTokenClassification",
    "BloomModel",
    "BloomPreTrainedModel",
    "Cache",
    "CausalLMOutputWithCrossAttentions",
    "DynamicCache",
    "GenerationMixin",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutputWithPast",
    "TokenClassifierOutput",
    "logging",
]
