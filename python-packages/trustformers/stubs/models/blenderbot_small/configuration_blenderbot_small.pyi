"""Names of transformers.models.blenderbot_small.configuration_blenderbot_small. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import BlenderbotSmallConfig as BlenderbotSmallConfig

__all__ = [
    "BlenderbotSmallConfig",
    "PreTrainedConfig",
]
