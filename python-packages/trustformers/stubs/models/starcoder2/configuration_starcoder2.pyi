"""Names of transformers.models.starcoder2.configuration_starcoder2. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Starcoder2Config as Starcoder2Config

__all__ = [
    "PreTrainedConfig",
    "Starcoder2Config",
]
