"""Names of transformers.models.gptj.modeling_gptj. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import GPTJConfig as GPTJConfig
from trustformers.models.families import GPTJForCausalLM as GPTJForCausalLM
from trustformers.models.families import GPTJForSequenceClassification as GPTJForSequenceClassification
from trustformers.models.families import GPTJModel as GPTJModel
from trustformers.models.families import GPTJPreTrainedModel as GPTJPreTrainedModel
from trustformers.models.other_outputs import SequenceClassifierOutputWithPast as SequenceClassifierOutputWithPast
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GPTJConfig",
    "GPTJForCausalLM",
    "GPTJForSequenceClassification",
    "GPTJModel",
    "GPTJPreTrainedModel",
    "GenerationMixin",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutputWithPast",
    "logging",
]
