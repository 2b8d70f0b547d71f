"""Names of transformers.models.gemma.modeling_gemma. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import GemmaConfig as GemmaConfig
from trustformers.models.families import GemmaForCausalLM as GemmaForCausalLM
from trustformers.models.families import GemmaForSequenceClassification as GemmaForSequenceClassification
from trustformers.models.families import GemmaForTokenClassification as GemmaForTokenClassification
from trustformers.models.families import GemmaModel as GemmaModel
from trustformers.models.families import GemmaPreTrainedModel as GemmaPreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GemmaConfig",
    "GemmaForCausalLM",
    "GemmaForSequenceClassification",
    "GemmaForTokenClassification",
    "GemmaModel",
    "GemmaPreTrainedModel",
    "GenerationMixin",
    "PreTrainedModel",
]
