"""Names of transformers.models.t5.configuration_t5. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import T5Config as T5Config

__all__ = [
    "PreTrainedConfig",
    "T5Config",
]
