"""Names of transformers.models.qwen3.configuration_qwen3. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Qwen3Config as Qwen3Config

__all__ = [
    "PreTrainedConfig",
    "Qwen3Config",
]
