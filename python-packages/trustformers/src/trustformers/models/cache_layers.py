"""The layers of a cache, as transformers names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers.errors import UnsupportedError

if TYPE_CHECKING:
    from trustformers.models.cache import DynamicCache

__all__ = ["CacheLayerMixin", "DynamicLayer", "DynamicSlidingWindowLayer", "layer_of"]


class CacheLayerMixin:
    """Base of the layers of caches: the keys and values of one layer of a model."""

    is_compileable = False
    is_sliding = False

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        raise UnsupportedError(
            f"not supported: {type(self).__name__}(), a layer without a cache; a model fills those of a DynamicCache"
        )


class DynamicLayer(CacheLayerMixin):
    """A layer of a `DynamicCache` with full attention."""

    _cache: DynamicCache
    _index: int
    _window: int | None

    @property
    def keys(self) -> Any:
        """A copy of the keys, (batch, heads, seq, head_dim), zero at padding; None for an empty cache."""
        return self._pair()[0]

    @property
    def values(self) -> Any:
        """A copy of the values, (batch, heads, seq, head_dim), zero at padding; None for an empty cache."""
        return self._pair()[1]

    @property
    def is_initialized(self) -> bool:
        """Whether a model has filled the layer."""
        return self._cache.is_initialized

    @property
    def batch_size(self) -> int:
        """The number of sequences; -1 for an empty cache."""
        return self._cache.batch_size

    @property
    def is_croppable(self) -> bool:
        """Whether `crop` can remove tokens."""
        return self._window is None or self._cache.get_seq_length() < self._window

    def get_seq_length(self) -> int:
        """The number of cached tokens of each sequence, padding included."""
        return self._cache.get_seq_length(self._index)

    def get_max_length(self) -> int:
        """The sliding-window size; -1 without a limit."""
        return self._cache.get_max_length(self._index)

    def get_max_cache_shape(self) -> int:
        """As `get_max_length`."""
        return self.get_max_length()

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """The number of positions that `query_length` new tokens attend to, and the index of the first."""
        length, window = self.get_seq_length(), self._window
        if window is None:
            return length + query_length, 0
        return min(length, window - 1) + query_length, max(length - window + 1, 0)

    def _pair(self) -> tuple[Any, Any]:
        return self._cache.keys_and_values(self._index) or (None, None)

    def __repr__(self) -> str:
        return type(self).__name__


class DynamicSlidingWindowLayer(DynamicLayer):
    """A layer of a `DynamicCache` with a sliding window."""

    is_sliding = True

    @property
    def sliding_window(self) -> int:
        """The sliding-window size in tokens."""
        return self.get_max_length()


def layer_of(cache: DynamicCache, index: int, window: int | None) -> DynamicLayer:
    """A layer of a cache."""
    kind = DynamicLayer if window is None else DynamicSlidingWindowLayer
    layer = kind.__new__(kind)
    layer._cache, layer._index, layer._window = cache, index, window
    return layer
