"""Names of transformers.cache_utils. Written by ci/python_stubs.py."""

from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import QuantizedCache as QuantizedCache
from trustformers.models.cache import StaticCache as StaticCache
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig

__all__ = [
    "Cache",
    "DynamicCache",
    "PreTrainedConfig",
    "QuantizedCache",
    "StaticCache",
]
