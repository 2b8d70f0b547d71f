"""Names of transformers.models.cohere.modeling_cohere. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import CohereConfig as CohereConfig
from trustformers.models.families import CohereForCausalLM as CohereForCausalLM
from trustformers.models.families import CohereModel as CohereModel
from trustformers.models.families import CoherePreTrainedModel as CoherePreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "CohereConfig",
    "CohereForCausalLM",
    "CohereModel",
    "CoherePreTrainedModel",
    "DynamicCache",
    "GenerationMixin",
    "PreTrainedModel",
]
