"""Names of transformers.models.olmo2.modeling_olmo2. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Olmo2Config as Olmo2Config
from trustformers.models.families import Olmo2ForCausalLM as Olmo2ForCausalLM
from trustformers.models.families import Olmo2ForSequenceClassification as Olmo2ForSequenceClassification
from trustformers.models.families import Olmo2Model as Olmo2Model
from trustformers.models.families import Olmo2PreTrainedModel as Olmo2PreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "Olmo2Config",
    "Olmo2ForCausalLM",
    "Olmo2ForSequenceClassification",
    "Olmo2Model",
    "Olmo2PreTrainedModel",
    "PreTrainedModel",
]
