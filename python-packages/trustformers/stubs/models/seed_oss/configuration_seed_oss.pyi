"""Names of transformers.models.seed_oss.configuration_seed_oss. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import SeedOssConfig as SeedOssConfig

__all__ = [
    "PreTrainedConfig",
    "SeedOssConfig",
]
