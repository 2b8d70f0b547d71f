"""Names of transformers.models.ctrl.modeling_ctrl. Written by ci/python_stubs.py."""

from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.utils import logging as logging
from trustformers.utils.other_families import CTRLLMHeadModel as CTRLLMHeadModel

__all__ = [
    "BaseModelOutputWithPast",
    "CTRLLMHeadModel",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "PreTrainedModel",
    "SequenceClassifierOutput",
    "logging",
]
