"""Names of transformers.models.llama.configuration_llama. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import LlamaConfig as LlamaConfig

__all__ = [
    "LlamaConfig",
    "PreTrainedConfig",
]
