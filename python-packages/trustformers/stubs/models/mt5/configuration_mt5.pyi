"""Names of transformers.models.mt5.configuration_mt5. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import MT5Config as MT5Config

__all__ = [
    "MT5Config",
    "PreTrainedConfig",
]
