"""Names of transformers.models.gpt2.configuration_gpt2. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import GPT2Config as GPT2Config

__all__ = [
    "GPT2Config",
    "PreTrainedConfig",
]
