"""Names of transformers.models.glm4.configuration_glm4. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Glm4Config as Glm4Config

__all__ = [
    "Glm4Config",
    "PreTrainedConfig",
]
