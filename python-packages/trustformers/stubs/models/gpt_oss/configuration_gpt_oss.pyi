"""Names of transformers.models.gpt_oss.configuration_gpt_oss. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import GptOssConfig as GptOssConfig

__all__ = [
    "GptOssConfig",
    "PreTrainedConfig",
]
