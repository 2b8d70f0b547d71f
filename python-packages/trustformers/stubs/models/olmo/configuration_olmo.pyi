"""Names of transformers.models.olmo.configuration_olmo. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import OlmoConfig as OlmoConfig

__all__ = [
    "OlmoConfig",
    "PreTrainedConfig",
]
