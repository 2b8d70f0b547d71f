"""Names of transformers.models.blenderbot.configuration_blenderbot. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils.other_families import BlenderbotConfig as BlenderbotConfig

__all__ = [
    "BlenderbotConfig",
    "PreTrainedConfig",
]
