"""Names of transformers.models.opt.modeling_opt. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import OPTConfig as OPTConfig
from trustformers.models.families import OPTForCausalLM as OPTForCausalLM
from trustformers.models.families import OPTForSequenceClassification as OPTForSequenceClassification
from trustformers.models.families import OPTModel as OPTModel
from trustformers.models.families import OPTPreTrainedModel as OPTPreTrainedModel
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
    "GenerationMixin",
    "OPTConfig",
    "OPTForCausalLM",
    "OPTForSequenceClassification",
    "OPTModel",
    "OPTPreTrainedModel",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutputWithPast",
    "logging",
]
