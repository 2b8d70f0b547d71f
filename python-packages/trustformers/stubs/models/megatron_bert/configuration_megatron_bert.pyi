"""Names of transformers.models.megatron_bert.configuration_megatron_bert. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import MegatronBertConfig as MegatronBertConfig

__all__ = [
    "MegatronBertConfig",
    "PreTrainedConfig",
]
