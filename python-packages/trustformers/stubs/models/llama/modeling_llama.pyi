"""Names of transformers.models.llama.modeling_llama. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import LlamaConfig as LlamaConfig
from trustformers.models.families import LlamaForCausalLM as LlamaForCausalLM
from trustformers.models.families import LlamaForSequenceClassification as LlamaForSequenceClassification
from trustformers.models.families import LlamaForTokenClassification as LlamaForTokenClassification
from trustformers.models.families import LlamaModel as LlamaModel
from trustformers.models.families import LlamaPreTrainedModel as LlamaPreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "LlamaConfig",
    "LlamaForCausalLM",
    "LlamaForSequenceClassification",
    "LlamaForTokenClassification",
    "LlamaModel",
    "LlamaPreTrainedModel",
    "PreTrainedModel",
    "logging",
]
