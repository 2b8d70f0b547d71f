"""Names of transformers.models.mpnet.configuration_mpnet. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import MPNetConfig as MPNetConfig

__all__ = [
    "MPNetConfig",
    "PreTrainedConfig",
]
