"""Names of transformers.models.exaone4.configuration_exaone4. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Exaone4Config as Exaone4Config

__all__ = [
    "Exaone4Config",
    "PreTrainedConfig",
]
