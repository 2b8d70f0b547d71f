"""Names of transformers.models.smollm3.modeling_smollm3. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import SmolLM3Config as SmolLM3Config
from trustformers.models.families import SmolLM3ForCausalLM as SmolLM3ForCausalLM
from trustformers.models.families import SmolLM3ForSequenceClassification as SmolLM3ForSequenceClassification
from trustformers.models.families import SmolLM3ForTokenClassification as SmolLM3ForTokenClassification
from trustformers.models.families import SmolLM3Model as SmolLM3Model
from trustformers.models.families import SmolLM3PreTrainedModel as SmolLM3PreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "PreTrainedModel",
    "SmolLM3Config",
    "SmolLM3ForCausalLM",
    "SmolLM3ForSequenceClassification",
    "SmolLM3ForTokenClassification",
    "SmolLM3Model",
    "SmolLM3PreTrainedModel",
]
