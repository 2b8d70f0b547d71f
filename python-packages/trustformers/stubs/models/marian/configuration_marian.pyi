"""Names of transformers.models.marian.configuration_marian. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import MarianConfig as MarianConfig

__all__ = [
    "MarianConfig",
    "PreTrainedConfig",
]
