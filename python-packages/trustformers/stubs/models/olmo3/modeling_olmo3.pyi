"""Names of transformers.models.olmo3.modeling_olmo3. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Olmo3Config as Olmo3Config
from trustformers.models.families import Olmo3ForCausalLM as Olmo3ForCausalLM
from trustformers.models.families import Olmo3ForSequenceClassification as Olmo3ForSequenceClassification
from trustformers.models.families import Olmo3Model as Olmo3Model
from trustformers.models.families import Olmo3PreTrainedModel as Olmo3PreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "Olmo3Config",
    "Olmo3ForCausalLM",
    "Olmo3ForSequenceClassification",
    "Olmo3Model",
    "Olmo3PreTrainedModel",
    "PreTrainedModel",
]
