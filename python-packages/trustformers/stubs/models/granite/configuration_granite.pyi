"""Names of transformers.models.granite.configuration_granite. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import GraniteConfig as GraniteConfig

__all__ = [
    "GraniteConfig",
    "PreTrainedConfig",
]
