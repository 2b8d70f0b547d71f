"""Names of transformers.models.mobilebert.configuration_mobilebert. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import MobileBertConfig as MobileBertConfig

__all__ = [
    "MobileBertConfig",
    "PreTrainedConfig",
]
