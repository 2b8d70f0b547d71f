"""Names of transformers.models.xlm.configuration_xlm. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils.other_families import XLMConfig as XLMConfig

__all__ = [
    "PreTrainedConfig",
    "XLMConfig",
]
