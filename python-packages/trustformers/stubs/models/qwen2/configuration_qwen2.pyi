"""Names of transformers.models.qwen2.configuration_qwen2. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Qwen2Config as Qwen2Config

__all__ = [
    "PreTrainedConfig",
    "Qwen2Config",
]
