"""Names of transformers.models.granite.modeling_granite. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import GraniteConfig as GraniteConfig
from trustformers.models.families import GraniteForCausalLM as GraniteForCausalLM
from trustformers.models.families import GraniteModel as GraniteModel
from trustformers.models.families import GranitePreTrainedModel as GranitePreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "GraniteConfig",
    "GraniteForCausalLM",
    "GraniteModel",
    "GranitePreTrainedModel",
    "PreTrainedModel",
]
