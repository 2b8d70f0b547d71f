"""Names of transformers.models.gpt_neox.configuration_gpt_neox. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import GPTNeoXConfig as GPTNeoXConfig

__all__ = [
    "GPTNeoXConfig",
    "PreTrainedConfig",
]
