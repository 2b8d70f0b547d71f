"""Names of transformers.models.ernie4_5.configuration_ernie4_5. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Ernie4_5Config as Ernie4_5Config

__all__ = [
    "Ernie4_5Config",
    "PreTrainedConfig",
]
