"""Names of transformers.models.ernie4_5.modeling_ernie4_5. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Ernie4_5Config as Ernie4_5Config
from trustformers.models.families import Ernie4_5ForCausalLM as Ernie4_5ForCausalLM
from trustformers.models.families import Ernie4_5Model as Ernie4_5Model
from trustformers.models.families import Ernie4_5PreTrainedModel as Ernie4_5PreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "Ernie4_5Config",
    "Ernie4_5ForCausalLM",
    "Ernie4_5Model",
    "Ernie4_5PreTrainedModel",
    "GenerationMixin",
    "PreTrainedModel",
]
