"""Names of transformers.models.gpt_neo.configuration_gpt_neo. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import GPTNeoConfig as GPTNeoConfig

__all__ = [
    "GPTNeoConfig",
    "PreTrainedConfig",
]
