"""Names of transformers.models.bloom.configuration_bloom. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import BloomConfig as BloomConfig

__all__ = [
    "BloomConfig",
    "PreTrainedConfig",
]
