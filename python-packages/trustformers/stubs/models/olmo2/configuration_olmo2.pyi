"""Names of transformers.models.olmo2.configuration_olmo2. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Olmo2Config as Olmo2Config

__all__ = [
    "Olmo2Config",
    "PreTrainedConfig",
]
