"""Names of transformers.models.glm.modeling_glm. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import GlmConfig as GlmConfig
from trustformers.models.families import GlmForCausalLM as GlmForCausalLM
from trustformers.models.families import GlmForSequenceClassification as GlmForSequenceClassification
from trustformers.models.families import GlmForTokenClassification as GlmForTokenClassification
from trustformers.models.families import GlmModel as GlmModel
from trustformers.models.families import GlmPreTrainedModel as GlmPreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "GlmConfig",
    "GlmForCausalLM",
    "GlmForSequenceClassification",
    "GlmForTokenClassification",
    "GlmModel",
    "GlmPreTrainedModel",
    "PreTrainedModel",
]
