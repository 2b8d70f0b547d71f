"""Names of transformers.models.gemma.configuration_gemma. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import GemmaConfig as GemmaConfig
from trustformers.utils import logging as logging

__all__ = [
    "GemmaConfig",
    "PreTrainedConfig",
    "logging",
]
