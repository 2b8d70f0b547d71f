"""Names of transformers.models.gpt_neo.modeling_gpt_neo. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import GPTNeoConfig as GPTNeoConfig
from trustformers.models.families import GPTNeoForCausalLM as GPTNeoForCausalLM
from trustformers.models.families import GPTNeoForSequenceClassification as GPTNeoForSequenceClassification
from trustformers.models.families import GPTNeoForTokenClassification as GPTNeoForTokenClassification
from trustformers.models.families import GPTNeoModel as GPTNeoModel
from trustformers.models.families import GPTNeoPreTrainedModel as GPTNeoPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions as BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.other_outputs import CausalLMOutputWithCrossAttentions as CausalLMOutputWithCrossAttentions
from trustformers.models.other_outputs import SequenceClassifierOutputWithPast as SequenceClassifierOutputWithPast
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "BaseModelOutputWithPastAndCrossAttentions",
    "Cache",
    "CausalLMOutputWithCrossAttentions",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GPTNeoConfig",
    "GPTNeoForCausalLM",
    "GPTNeoForSequenceClassification",
    "GPTNeoForTokenClassification",
    "GPTNeoModel",
    "GPTNeoPreTrainedModel",
    "GenerationMixin",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutputWithPast",
    "TokenClassifierOutput",
    "logging",
]
