"""Names of transformers.models.glm.configuration_glm. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import GlmConfig as GlmConfig

__all__ = [
    "GlmConfig",
    "PreTrainedConfig",
]
