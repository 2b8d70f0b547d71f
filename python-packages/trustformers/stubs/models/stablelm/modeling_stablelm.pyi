"""Names of transformers.models.stablelm.modeling_stablelm. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import StableLmConfig as StableLmConfig
from trustformers.models.families import StableLmForCausalLM as StableLmForCausalLM
from trustformers.models.families import StableLmForSequenceClassification as StableLmForSequenceClassification
from trustformers.models.families import StableLmForTokenClassification as StableLmForTokenClassification
from trustformers.models.families import StableLmModel as StableLmModel
from trustformers.models.families import StableLmPreTrainedModel as StableLmPreTrainedModel
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
    "PreTrainedModel",
    "StableLmConfig",
    "StableLmForCausalLM",
    "StableLmForSequenceClassification",
    "StableLmForTokenClassification",
    "StableLmModel",
    "StableLmPreTrainedModel",
    "logging",
]
