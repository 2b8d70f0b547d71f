"""Names of transformers.models.eurobert.configuration_eurobert. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import EuroBertConfig as EuroBertConfig

__all__ = [
    "EuroBertConfig",
    "PreTrainedConfig",
]
