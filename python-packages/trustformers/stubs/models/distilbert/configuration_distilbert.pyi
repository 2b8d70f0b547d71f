"""Names of transformers.models.distilbert.configuration_distilbert. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import DistilBertConfig as DistilBertConfig

__all__ = [
    "DistilBertConfig",
    "PreTrainedConfig",
]
