"""Names of transformers.models.electra.configuration_electra. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import ElectraConfig as ElectraConfig

__all__ = [
    "ElectraConfig",
    "PreTrainedConfig",
]
