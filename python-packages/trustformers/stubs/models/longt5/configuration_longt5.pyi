"""Names of transformers.models.longt5.configuration_longt5. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils.other_families import LongT5Config as LongT5Config

__all__ = [
    "LongT5Config",
    "PreTrainedConfig",
]
