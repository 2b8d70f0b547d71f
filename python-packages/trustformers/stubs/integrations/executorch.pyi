"""Names of transformers.integrations.executorch. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import StaticCache as StaticCache

__all__ = [
    "DynamicCache",
    "GenerationConfig",
    "PreTrainedModel",
    "StaticCache",
]
