"""Names of transformers.models.qwen2_moe.configuration_qwen2_moe. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Qwen2MoeConfig as Qwen2MoeConfig

__all__ = [
    "PreTrainedConfig",
    "Qwen2MoeConfig",
]
