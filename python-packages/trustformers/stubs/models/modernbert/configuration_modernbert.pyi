"""Names of transformers.models.modernbert.configuration_modernbert. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import ModernBertConfig as ModernBertConfig

__all__ = [
    "ModernBertConfig",
    "PreTrainedConfig",
]
