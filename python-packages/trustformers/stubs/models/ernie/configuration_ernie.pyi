"""Names of transformers.models.ernie.configuration_ernie. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import ErnieConfig as ErnieConfig

__all__ = [
    "ErnieConfig",
    "PreTrainedConfig",
]
