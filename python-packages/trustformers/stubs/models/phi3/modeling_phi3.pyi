"""Names of transformers.models.phi3.modeling_phi3. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Phi3Config as Phi3Config
from trustformers.models.families import Phi3ForCausalLM as Phi3ForCausalLM
from trustformers.models.families import Phi3ForSequenceClassification as Phi3ForSequenceClassification
from trustformers.models.families import Phi3ForTokenClassification as Phi3ForTokenClassification
from trustformers.models.families import Phi3Model as Phi3Model
from trustformers.models.families import Phi3PreTrainedModel as Phi3PreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "Phi3Config",
    "Phi3ForCausalLM",
    "Phi3ForSequenceClassification",
    "Phi3ForTokenClassification",
    "Phi3Model",
    "Phi3PreTrainedModel",
    "PreTrainedModel",
]
