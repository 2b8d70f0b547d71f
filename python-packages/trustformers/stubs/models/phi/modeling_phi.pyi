"""Names of transformers.models.phi.modeling_phi. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import PhiConfig as PhiConfig
from trustformers.models.families import PhiForCausalLM as PhiForCausalLM
from trustformers.models.families import PhiForSequenceClassification as PhiForSequenceClassification
from trustformers.models.families import PhiForTokenClassification as PhiForTokenClassification
from trustformers.models.families import PhiModel as PhiModel
from trustformers.models.families import PhiPreTrainedModel as PhiPreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "PhiConfig",
    "PhiForCausalLM",
    "PhiForSequenceClassification",
    "PhiForTokenClassification",
    "PhiModel",
    "PhiPreTrainedModel",
    "PreTrainedModel",
]
