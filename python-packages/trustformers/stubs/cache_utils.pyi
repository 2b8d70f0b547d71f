"""Names of transformers.cache_utils. Written by ci/python_stubs.py."""

from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import CacheLayerMixin as CacheLayerMixin
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import DynamicLayer as DynamicLayer
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.cache import QuantizedCache as QuantizedCache
from trustformers.models.cache import SlidingWindowCache as SlidingWindowCache
from trustformers.models.cache import StaticCache as StaticCache
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils.availability import is_hqq_available as is_hqq_available
from trustformers.utils.availability import is_optimum_quanto_available as is_optimum_quanto_available
from trustformers.utils.availability import is_torch_greater_or_equal as is_torch_greater_or_equal
from trustformers.utils.availability import is_torchdynamo_compiling as is_torchdynamo_compiling

__all__ = [
    "Cache",
    "CacheLayerMixin",
    "DynamicCache",
    "DynamicLayer",
    "EncoderDecoderCache",
    "PreTrainedConfig",
    "QuantizedCache",
    "SlidingWindowCache",
    "StaticCache",
    "is_hqq_available",
    "is_optimum_quanto_available",
    "is_torch_greater_or_equal",
    "is_torchdynamo_compiling",
]
