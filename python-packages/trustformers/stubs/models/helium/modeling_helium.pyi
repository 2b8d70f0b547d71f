"""Names of transformers.models.helium.modeling_helium. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import HeliumConfig as HeliumConfig
from trustformers.models.families import HeliumForCausalLM as HeliumForCausalLM
from trustformers.models.families import HeliumForSequenceClassification as HeliumForSequenceClassification
from trustformers.models.families import HeliumForTokenClassification as HeliumForTokenClassification
from trustformers.models.families import HeliumModel as HeliumModel
from trustformers.models.families import HeliumPreTrainedModel as HeliumPreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "HeliumConfig",
    "HeliumForCausalLM",
    "HeliumForSequenceClassification",
    "HeliumForTokenClassification",
    "HeliumModel",
    "HeliumPreTrainedModel",
    "PreTrainedModel",
]
