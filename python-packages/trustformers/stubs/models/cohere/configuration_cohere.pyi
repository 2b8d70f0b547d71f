"""Names of transformers.models.cohere.configuration_cohere. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import CohereConfig as CohereConfig

__all__ = [
    "CohereConfig",
    "PreTrainedConfig",
]
