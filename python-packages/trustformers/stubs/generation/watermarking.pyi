"""Names of transformers.generation.watermarking. Written by ci/python_stubs.py."""

from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.utils import logging as logging

__all__ = [
    "ModelOutput",
    "PreTrainedConfig",
    "PreTrainedModel",
    "logging",
]
