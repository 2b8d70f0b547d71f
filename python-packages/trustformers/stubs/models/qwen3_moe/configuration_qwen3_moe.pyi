"""Names of transformers.models.qwen3_moe.configuration_qwen3_moe. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Qwen3MoeConfig as Qwen3MoeConfig

__all__ = [
    "PreTrainedConfig",
    "Qwen3MoeConfig",
]
