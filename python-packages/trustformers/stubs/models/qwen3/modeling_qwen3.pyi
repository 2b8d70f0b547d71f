"""Names of transformers.models.qwen3.modeling_qwen3. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Qwen3Config as Qwen3Config
from trustformers.models.families import Qwen3ForCausalLM as Qwen3ForCausalLM
from trustformers.models.families import Qwen3ForSequenceClassification as Qwen3ForSequenceClassification
from trustformers.models.families import Qwen3ForTokenClassification as Qwen3ForTokenClassification
from trustformers.models.families import Qwen3Model as Qwen3Model
from trustformers.models.families import Qwen3PreTrainedModel as Qwen3PreTrainedModel
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
    "Qwen3Config",
    "Qwen3ForCausalLM",
    "Qwen3ForSequenceClassification",
    "Qwen3ForTokenClassification",
    "Qwen3Model",
    "Qwen3PreTrainedModel",
]
