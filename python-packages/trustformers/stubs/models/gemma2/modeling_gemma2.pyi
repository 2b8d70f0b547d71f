"""Names of transformers.models.gemma2.modeling_gemma2. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Gemma2Config as Gemma2Config
from trustformers.models.families import Gemma2ForCausalLM as Gemma2ForCausalLM
from trustformers.models.families import Gemma2ForSequenceClassification as Gemma2ForSequenceClassification
from trustformers.models.families import Gemma2ForTokenClassification as Gemma2ForTokenClassification
from trustformers.models.families import Gemma2Model as Gemma2Model
from trustformers.models.families import Gemma2PreTrainedModel as Gemma2PreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "Gemma2Config",
    "Gemma2ForCausalLM",
    "Gemma2ForSequenceClassification",
    "Gemma2ForTokenClassification",
    "Gemma2Model",
    "Gemma2PreTrainedModel",
    "GenerationMixin",
    "PreTrainedModel",
]
