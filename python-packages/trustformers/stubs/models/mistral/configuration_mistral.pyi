"""Names of transformers.models.mistral.configuration_mistral. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import MistralConfig as MistralConfig
from trustformers.utils import logging as logging

__all__ = [
    "MistralConfig",
    "PreTrainedConfig",
    "logging",
]
