"""Names of transformers.models.roformer.configuration_roformer. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import RoFormerConfig as RoFormerConfig

__all__ = [
    "PreTrainedConfig",
    "RoFormerConfig",
]
