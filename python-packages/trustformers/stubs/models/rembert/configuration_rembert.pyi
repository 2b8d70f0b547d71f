"""Names of transformers.models.rembert.configuration_rembert. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import RemBertConfig as RemBertConfig

__all__ = [
    "PreTrainedConfig",
    "RemBertConfig",
]
