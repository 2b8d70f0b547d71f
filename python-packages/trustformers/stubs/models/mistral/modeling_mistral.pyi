"""Names of transformers.models.mistral.modeling_mistral. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import MistralConfig as MistralConfig
from trustformers.models.families import MistralForCausalLM as MistralForCausalLM
from trustformers.models.families import MistralForSequenceClassification as MistralForSequenceClassification
from trustformers.models.families import MistralForTokenClassification as MistralForTokenClassification
from trustformers.models.families import MistralModel as MistralModel
from trustformers.models.families import MistralPreTrainedModel as MistralPreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "MistralConfig",
    "MistralForCausalLM",
    "MistralForSequenceClassification",
    "MistralForTokenClassification",
    "MistralModel",
    "MistralPreTrainedModel",
    "PreTrainedModel",
]
