"""Names of transformers.models.olmo.modeling_olmo. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import OlmoConfig as OlmoConfig
from trustformers.models.families import OlmoForCausalLM as OlmoForCausalLM
from trustformers.models.families import OlmoForSequenceClassification as OlmoForSequenceClassification
from trustformers.models.families import OlmoModel as OlmoModel
from trustformers.models.families import OlmoPreTrainedModel as OlmoPreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "OlmoConfig",
    "OlmoForCausalLM",
    "OlmoForSequenceClassification",
    "OlmoModel",
    "OlmoPreTrainedModel",
    "PreTrainedModel",
]
