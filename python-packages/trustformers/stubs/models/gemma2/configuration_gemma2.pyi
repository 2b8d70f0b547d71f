"""Names of transformers.models.gemma2.configuration_gemma2. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Gemma2Config as Gemma2Config

__all__ = [
    "Gemma2Config",
    "PreTrainedConfig",
]
