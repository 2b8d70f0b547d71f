"""Names of transformers.models.gpt_neox.modeling_gpt_neox. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import GPTNeoXConfig as GPTNeoXConfig
from trustformers.models.families import GPTNeoXForCausalLM as GPTNeoXForCausalLM
from trustformers.models.families import GPTNeoXForSequenceClassification as GPTNeoXForSequenceClassification
from trustformers.models.families import GPTNeoXForTokenClassification as GPTNeoXForTokenClassification
from trustformers.models.families import GPTNeoXModel as GPTNeoXModel
from trustformers.models.families import GPTNeoXPreTrainedModel as GPTNeoXPreTrainedModel
from trustformers.models.other_outputs import SequenceClassifierOutputWithPast as SequenceClassifierOutputWithPast
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GPTNeoXConfig",
    "GPTNeoXForCausalLM",
    "GPTNeoXForSequenceClassification",
    "GPTNeoXForTokenClassification",
    "GPTNeoXModel",
    "GPTNeoXPreTrainedModel",
    "GenerationMixin",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutputWithPast",
    "TokenClassifierOutput",
    "logging",
]
