"""Names of transformers.models.qwen2.modeling_qwen2. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Qwen2Config as Qwen2Config
from trustformers.models.families import Qwen2ForCausalLM as Qwen2ForCausalLM
from trustformers.models.families import Qwen2ForSequenceClassification as Qwen2ForSequenceClassification
from trustformers.models.families import Qwen2ForTokenClassification as Qwen2ForTokenClassification
from trustformers.models.families import Qwen2Model as Qwen2Model
from trustformers.models.families import Qwen2PreTrainedModel as Qwen2PreTrainedModel
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
    "Qwen2Config",
    "Qwen2ForCausalLM",
    "Qwen2ForSequenceClassification",
    "Qwen2ForTokenClassification",
    "Qwen2Model",
    "Qwen2PreTrainedModel",
]
