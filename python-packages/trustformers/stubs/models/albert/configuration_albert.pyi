"""Names of transformers.models.albert.configuration_albert. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import AlbertConfig as AlbertConfig

__all__ = [
    "AlbertConfig",
    "PreTrainedConfig",
]
