"""Names of transformers.models.exaone4.modeling_exaone4. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Exaone4Config as Exaone4Config
from trustformers.models.families import Exaone4ForCausalLM as Exaone4ForCausalLM
from trustformers.models.families import Exaone4ForSequenceClassification as Exaone4ForSequenceClassification
from trustformers.models.families import Exaone4ForTokenClassification as Exaone4ForTokenClassification
from trustformers.models.families import Exaone4Model as Exaone4Model
from trustformers.models.families import Exaone4PreTrainedModel as Exaone4PreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "Exaone4Config",
    "Exaone4ForCausalLM",
    "Exaone4ForSequenceClassification",
    "Exaone4ForTokenClassification",
    "Exaone4Model",
    "Exaone4PreTrainedModel",
    "GenerationMixin",
    "PreTrainedModel",
]
