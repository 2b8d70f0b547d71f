"""Names of transformers.models.pegasus.configuration_pegasus. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import PegasusConfig as PegasusConfig

__all__ = [
    "PegasusConfig",
    "PreTrainedConfig",
]
