"""Names of transformers.models.arcee.configuration_arcee. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import ArceeConfig as ArceeConfig

__all__ = [
    "ArceeConfig",
    "PreTrainedConfig",
]
