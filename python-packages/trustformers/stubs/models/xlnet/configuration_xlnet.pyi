"""Names of transformers.models.xlnet.configuration_xlnet. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils import logging as logging
from trustformers.utils.other_families import XLNetConfig as XLNetConfig

__all__ = [
    "PreTrainedConfig",
    "XLNetConfig",
    "logging",
]
