"""Names of transformers.configuration_utils. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.configuration import PretrainedConfig as PretrainedConfig
from trustformers.utils import logging as logging

__all__ = [
    "GenerationConfig",
    "PreTrainedConfig",
    "PretrainedConfig",
    "logging",
]
