"""Names of transformers.models.blenderbot.configuration_blenderbot. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import BlenderbotConfig as BlenderbotConfig

__all__ = [
    "BlenderbotConfig",
    "PreTrainedConfig",
]
