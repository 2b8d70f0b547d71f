"""Names of transformers.models.olmo3.configuration_olmo3. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Olmo3Config as Olmo3Config

__all__ = [
    "Olmo3Config",
    "PreTrainedConfig",
]
