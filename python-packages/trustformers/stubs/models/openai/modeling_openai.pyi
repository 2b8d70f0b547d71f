"""Names of transformers.models.openai.modeling_openai. Written by ci/python_stubs.py."""

from trustformers.activations import gelu_new as gelu_new
from trustformers.activations import get_activation as get_activation
from trustformers.activations import silu as silu
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.other_outputs import BaseModelOutput as BaseModelOutput
from trustformers.models.other_outputs import CausalLMOutput as CausalLMOutput
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.submodules import Conv1D as Conv1D
from trustformers.utils import logging as logging
from trustformers.utils.other_families import OpenAIGPTLMHeadModel as OpenAIGPTLMHeadModel

__all__ = [
    "BaseModelOutput",
    "CausalLMOutput",
    "Conv1D",
    "GenerationMixin",
    "ModelOutput",
    "OpenAIGPTLMHeadModel",
    "PreTrainedModel",
    "SequenceClassifierOutput",
    "gelu_new",
    "get_activation",
    "logging",
    "silu",
]
