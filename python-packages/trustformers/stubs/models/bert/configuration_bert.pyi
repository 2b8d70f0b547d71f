"""Names of transformers.models.bert.configuration_bert. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import BertConfig as BertConfig

__all__ = [
    "BertConfig",
    "PreTrainedConfig",
]
