"""Names of transformers.models.nomic_bert.configuration_nomic_bert. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import NomicBertConfig as NomicBertConfig

__all__ = [
    "NomicBertConfig",
    "PreTrainedConfig",
]
