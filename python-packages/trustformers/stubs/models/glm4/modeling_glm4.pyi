"""Names of transformers.models.glm4.modeling_glm4. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Glm4Config as Glm4Config
from trustformers.models.families import Glm4ForCausalLM as Glm4ForCausalLM
from trustformers.models.families import Glm4ForSequenceClassification as Glm4ForSequenceClassification
from trustformers.models.families import Glm4ForTokenClassification as Glm4ForTokenClassification
from trustformers.models.families import Glm4Model as Glm4Model
from trustformers.models.families import Glm4PreTrainedModel as Glm4PreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "Glm4Config",
    "Glm4ForCausalLM",
    "Glm4ForSequenceClassification",
    "Glm4ForTokenClassification",
    "Glm4Model",
    "Glm4PreTrainedModel",
    "PreTrainedModel",
]
