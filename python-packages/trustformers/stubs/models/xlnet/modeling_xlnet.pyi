"""Names of transformers.models.xlnet.modeling_xlnet. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.activations import get_activation as get_activation
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.utils import logging as logging
from trustformers.utils.other_families import XLNetConfig as XLNetConfig
from trustformers.utils.other_families import XLNetLMHeadModel as XLNetLMHeadModel

__all__ = [
    "ACT2FN",
    "GenerationMixin",
    "ModelOutput",
    "PreTrainedModel",
    "XLNetConfig",
    "XLNetLMHeadModel",
    "get_activation",
    "logging",
]
