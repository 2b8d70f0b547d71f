"""Names of transformers.models.mixtral.configuration_mixtral. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import MixtralConfig as MixtralConfig

__all__ = [
    "MixtralConfig",
    "PreTrainedConfig",
]
