"""Names of transformers.models.mbart.configuration_mbart. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import MBartConfig as MBartConfig

__all__ = [
    "MBartConfig",
    "PreTrainedConfig",
]
