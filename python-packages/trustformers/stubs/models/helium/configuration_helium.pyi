"""Names of transformers.models.helium.configuration_helium. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import HeliumConfig as HeliumConfig

__all__ = [
    "HeliumConfig",
    "PreTrainedConfig",
]
