"""Names of transformers.models.gptj.configuration_gptj. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import GPTJConfig as GPTJConfig

__all__ = [
    "GPTJConfig",
    "PreTrainedConfig",
]
