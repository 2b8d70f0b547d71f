"""Names of transformers.models.bart.configuration_bart. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import BartConfig as BartConfig

__all__ = [
    "BartConfig",
    "PreTrainedConfig",
]
