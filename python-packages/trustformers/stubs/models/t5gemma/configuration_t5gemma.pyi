"""Names of transformers.models.t5gemma.configuration_t5gemma. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils.other_families import T5GemmaConfig as T5GemmaConfig

__all__ = [
    "PreTrainedConfig",
    "T5GemmaConfig",
]
