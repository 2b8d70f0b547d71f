"""Names of transformers.modeling_utils. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils import logging as logging

__all__ = [
    "GenerationConfig",
    "PreTrainedConfig",
    "PreTrainedModel",
    "logging",
]
