"""Names of transformers.models.starcoder2.modeling_starcoder2. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Starcoder2Config as Starcoder2Config
from trustformers.models.families import Starcoder2ForCausalLM as Starcoder2ForCausalLM
from trustformers.models.families import Starcoder2ForSequenceClassification as Starcoder2ForSequenceClassification
from trustformers.models.families import Starcoder2ForTokenClassification as Starcoder2ForTokenClassification
from trustformers.models.families import Starcoder2Model as Starcoder2Model
from trustformers.models.families import Starcoder2PreTrainedModel as Starcoder2PreTrainedModel
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
    "Starcoder2Config",
    "Starcoder2ForCausalLM",
    "Starcoder2ForSequenceClassification",
    "Starcoder2ForTokenClassification",
    "Starcoder2Model",
    "Starcoder2PreTrainedModel",
]
