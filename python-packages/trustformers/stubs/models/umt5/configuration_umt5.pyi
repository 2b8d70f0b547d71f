"""Names of transformers.models.umt5.configuration_umt5. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import UMT5Config as UMT5Config

__all__ = [
    "PreTrainedConfig",
    "UMT5Config",
]
