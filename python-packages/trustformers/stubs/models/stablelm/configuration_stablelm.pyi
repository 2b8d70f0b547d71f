"""Names of transformers.models.stablelm.configuration_stablelm. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import StableLmConfig as StableLmConfig

__all__ = [
    "PreTrainedConfig",
    "StableLmConfig",
]
