"""Key-value caches of decoders, with the interface of transformers."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import as_array
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.cache_layers import (
    CacheLayerMixin,
    DynamicLayer,
    DynamicSlidingWindowLayer,
    layer_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self

    from trustformers.models.tensors import Target

__all__ = [
    "Cache",
    "CacheLayerMixin",
    "DynamicCache",
    "DynamicLayer",
    "DynamicSlidingWindowLayer",
    "EncoderDecoderCache",
    "HybridCache",
    "OffloadedCache",
    "QuantizedCache",
    "SlidingWindowCache",
    "StaticCache",
]


# Attributes of a cache that a copy has by itself.
_OWN = ("_native", "_fill", "_lock")


class Cache:
    """Base of all caches."""


class DynamicCache(Cache):
    """Keys and values of past tokens, from which later calls of a decoder continue.

    Pass one as `past_key_values` to a model or to `generate`: only tokens after the cached ones are computed, and they
    are added in place. A cache belongs to the model that filled it. Of two concurrent calls with one cache, the second
    raises `InputError`.

    Sliding-window layers keep about twice the window; `crop` cannot restore tokens that such a layer has dropped.

    Parameters
    ----------
    ddp_cache_data, offloading, offload_only_non_sliding
        Not supported.
    config
        Without effect: the model determines which layers have a sliding window.

    Examples
    --------
    >>> import copy
    >>> from trustformers import DynamicCache
    >>> cache = DynamicCache()
    >>> model(tokenizer("You are brief.", return_tensors="np").input_ids, past_key_values=cache)
    >>> ids = tokenizer("You are brief. Who are you?", return_tensors="np").input_ids
    >>> model.generate(ids, past_key_values=copy.deepcopy(cache))  # reads the question only
    """

    def __init__(
        self,
        ddp_cache_data: Any = None,
        config: Any = None,
        offloading: bool = False,
        offload_only_non_sliding: bool = False,
    ) -> None:
        if ddp_cache_data is not None:
            raise UnsupportedError("not supported: DynamicCache(ddp_cache_data=...), a cache of given keys and values")
        if offloading or offload_only_non_sliding:
            raise UnsupportedError("not supported: DynamicCache(offloading=True)")
        self._native: _native.PastKeyValues = _native.PastKeyValues()
        self._fill: Callable[[_native.PastKeyValues], Any] | None = None
        self._lock = threading.Lock()
        self._target: Target | None = None

    @classmethod
    def of(cls, native: _native.PastKeyValues) -> Self:
        """Wraps a cache of the engine."""
        cache = cls()
        cache._native = native
        return cache

    def fill_later(self, fill: Callable[[_native.PastKeyValues], Any]) -> None:
        """Fills an empty cache on first use."""
        self._fill = fill

    @property
    def is_pending(self) -> bool:
        """Whether the cache is still to be filled, on first use."""
        return self._fill is not None

    @property
    def native(self) -> _native.PastKeyValues:
        """The engine's cache; a pending one is filled first."""
        with self._lock:
            if self._fill is not None:
                self._fill(self._native)
                self._fill = None
            return self._native

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """The number of cached tokens of each sequence, padding included."""
        return (self.native.shape() or (0, 0))[1]

    def get_max_length(self, layer_idx: int | None = None) -> int:
        """The sliding-window size of a layer, or the largest of all layers; -1 without a limit."""
        windows = [-1 if window is None else window for window, _ in self.native.layers()]
        if layer_idx is not None:
            return windows[layer_idx] if layer_idx < len(windows) else -1
        return -1 if not windows or -1 in windows else max(windows)

    @property
    def batch_size(self) -> int:
        """The number of sequences; -1 for an empty cache."""
        return (self.native.shape() or (-1, 0))[0]

    @property
    def is_initialized(self) -> bool:
        """Whether a model has filled the cache."""
        return self.native.shape() is not None

    @property
    def is_sliding(self) -> list[bool]:
        """For each layer, whether it has a sliding window."""
        return [window is not None for window, _ in self.native.layers()]

    @property
    def is_croppable(self) -> bool:
        """Whether `crop` can remove tokens: no sliding-window layer is full."""
        return all(layer.is_croppable for layer in self.layers)

    @property
    def is_linear(self) -> list[bool]:
        """For each layer, whether it has linear attention: False."""
        return [False for _ in self.native.layers()]

    @property
    def is_dummy(self) -> list[bool]:
        """For each layer, whether it caches nothing: False."""
        return [False for _ in self.native.layers()]

    @property
    def layers(self) -> list[DynamicLayer]:
        """The layers, whose `keys` and `values` are copies."""
        return [layer_of(self, index, window) for index, (window, _) in enumerate(self.native.layers())]

    @property
    def key_cache(self) -> list[Any]:
        """Copies of the keys of each layer, as in version 4."""
        return [layer.keys for layer in self.layers]

    @property
    def value_cache(self) -> list[Any]:
        """Copies of the values of each layer, as in version 4."""
        return [layer.values for layer in self.layers]

    @property
    def seen_tokens(self) -> int:
        """The number of cached tokens of each sequence, as in version 4."""
        return self.get_seq_length()

    @property
    def is_compileable(self) -> bool:
        """Whether the cache can be compiled with torch.compile: False."""
        return False

    def __len__(self) -> int:
        """The number of layers; 0 for an empty cache."""
        return len(self.native.layers())

    def __bool__(self) -> bool:
        """True, even for an empty cache."""
        return True

    def __iter__(self) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64] | None]]:
        """Copies of each layer's keys and values, (batch, heads, seq, head_dim), zero at padding, and its window.

        A sliding-window layer gives the positions that the next token attends to.
        """
        for layer, (window, _) in enumerate(self.native.layers()):
            keys_and_values = self.keys_and_values(layer)
            if keys_and_values is not None:
                yield (*keys_and_values, None if window is None else self._converted(np.asarray(window)))

    def __getitem__(self, layer_idx: int) -> tuple[Any, Any]:
        """Copies of a layer's keys and values, as in version 4."""
        count = len(self)
        if not -count <= layer_idx < count:
            raise IndexError(f"layer {layer_idx} of a cache of {count} layers")
        found = self.keys_and_values(layer_idx % count)
        return (None, None) if found is None else found

    def keys_and_values(self, layer_idx: int) -> tuple[Any, Any] | None:
        """Copies of a layer's keys and values, (batch, heads, seq, head_dim), zero at padding; None for an empty cache.

        They are arrays, or tensors of the library that the model was last called with.
        """
        found = self.native.keys_and_values(layer_idx)
        return None if found is None else (self._converted(found[0]), self._converted(found[1]))

    def _converted(self, array: Any) -> Any:
        return array if self._target is None else self._target.convert(array)

    def to_legacy_cache(self) -> tuple[tuple[Any, Any], ...]:
        """Copies of the keys and values of each layer, as in version 4."""
        return tuple((keys, values) for keys, values, _ in self)

    @classmethod
    def from_legacy_cache(cls, past_key_values: Any = None) -> Self:
        """An empty cache for None; keys and values without their tokens are refused."""
        return cls() if past_key_values is None else cls(past_key_values)

    def get_max_cache_shape(self, layer_idx: int | None = None) -> int:
        """As `get_max_length`."""
        return self.get_max_length(layer_idx)

    def get_usable_length(self, new_seq_length: int, layer_idx: int = 0) -> int:
        """The number of cached tokens, which does not depend on that of new ones; as in version 4."""
        return self.get_seq_length(layer_idx)

    def get_query_offset(self, layer_idx: int = 0) -> int:
        """The position of the next token, padding included."""
        return self.get_seq_length(layer_idx)

    def get_mask_sizes(self, query_length: int, layer_idx: int = 0) -> tuple[int, int]:
        """The number of positions that `query_length` new tokens attend to in a layer, and the index of the first."""
        layers = self.layers
        return layers[layer_idx].get_mask_sizes(query_length) if layer_idx < len(layers) else (query_length, 0)

    def early_initialization(self, *args: Any, **kwargs: Any) -> None:
        """Has no effect: the model allocates the cache when it fills it."""

    def activate_past_recording(self) -> None:
        """Has no effect: sliding-window layers always keep about twice the window."""

    def is_recording_past(self, layer_idx: int) -> bool:
        """Whether a layer keeps more than its sliding window."""
        return self.is_sliding[layer_idx]

    def has_previous_state(self, layer_idx: int | None = None, state_idx: int | None = None) -> bool:
        """Refused: no layer has linear attention."""
        raise InputError("has_previous_state: the cache has no layer with linear attention")

    def get_conv_state(self, layer_idx: int, state_idx: int = 0) -> NoReturn:
        """Refused: no layer has linear attention."""
        raise InputError(f"get_conv_state: layer {layer_idx} has no linear attention")

    def get_recurrent_state(self, layer_idx: int, state_idx: int = 0) -> NoReturn:
        """Refused: no layer has linear attention."""
        raise InputError(f"get_recurrent_state: layer {layer_idx} has no linear attention")

    def update(self, key_states: Any, value_states: Any, layer_idx: int, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: the engine computes keys and values."""
        self._refuse("update")

    def update_conv_state(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: the engine computes the cache."""
        self._refuse("update_conv_state")

    def update_recurrent_state(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: the engine computes the cache."""
        self._refuse("update_recurrent_state")

    def update_indexer(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: the engine computes the cache."""
        self._refuse("update_indexer")

    def offload(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: a cache stays on the device of its model."""
        raise UnsupportedError("not supported: offload; a cache stays on the device of its model")

    def prefetch(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: a cache stays on the device of its model."""
        raise UnsupportedError("not supported: prefetch; a cache stays on the device of its model")

    def _refuse(self, name: str) -> NoReturn:
        raise UnsupportedError(
            f"not supported: {name} of a cache, which only a model fills; call the model with tokens"
        )

    def crop(self, tokens_to_remove: int) -> None:
        """Removes the last `-tokens_to_remove` tokens; a positive number is the number of tokens to keep.

        transformers 5 takes negative numbers only; earlier versions took the positive ones.

        Raises
        ------
        InputError
            A sliding-window layer has dropped positions that the next token attends to; the cache is unchanged.
        """
        if isinstance(tokens_to_remove, bool) or not isinstance(tokens_to_remove, (int, np.integer)):
            raise InputError(f"tokens_to_remove: expected a number of tokens, found {tokens_to_remove!r}")
        count, length = int(tokens_to_remove), self.get_seq_length()
        new_length = length if count == 0 else max(length + count, 0) if count < 0 else min(count, length)
        if new_length < length:
            self.native.crop(new_length)

    def reorder_cache(self, beam_idx: ArrayLike) -> None:
        """Reorders the sequences, as beam search does; an index may repeat."""
        self.batch_select_indices(beam_idx)

    def batch_select_indices(self, indices: ArrayLike) -> None:
        """Selects sequences by index, in this order, or by a boolean mask."""
        array = np.asarray(as_array(indices))
        if array.dtype == np.bool_:
            if array.shape != (self.batch_size,) and self.is_initialized:
                raise InputError(f"indices: a mask of shape {array.shape} for {self.batch_size} sequences")
            array = array.nonzero()[0]
        if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size):
            raise InputError(f"indices: expected integers of shape (n,), found {array.dtype} of shape {array.shape}")
        count = max(self.batch_size, 0)
        rows = [row + count if row < 0 else row for row in array.tolist()]
        if any(not 0 <= row < count for row in rows) and self.is_initialized:
            raise InputError(f"indices: {array.tolist()} is outside the cache's {count} sequences")
        self.native.select([row for row in rows if row >= 0])

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Repeats each sequence `repeats` times in a row."""
        if isinstance(repeats, bool) or not isinstance(repeats, (int, np.integer)) or repeats < 1:
            raise InputError(f"repeats: expected a positive number, found {repeats!r}")
        if self.is_initialized:
            self.native.select([row for row in range(self.batch_size) for _ in range(int(repeats))])

    def reset(self) -> None:
        """Empties the cache; another model may fill it next."""
        self.native.reset()

    def __deepcopy__(self, memo: dict[int, Any]) -> DynamicCache:
        """A copy that shares no memory with this cache."""
        copied = memo[id(self)] = type(self).of(self.native.duplicate())
        copied.__dict__.update({key: value for key, value in vars(self).items() if key not in _OWN})
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        """Raises `UnsupportedError`: a cache belongs to a loaded model."""
        raise UnsupportedError(
            "not supported: pickling a DynamicCache, which belongs to a loaded model; use_cache=False returns none"
        )

    def __repr__(self) -> str:
        """The cache's sizes; does not fill a pending cache."""
        if self._fill is not None:
            return f"{type(self).__name__}(filled on first use)"
        try:
            shape, layers = self.native.shape(), self.native.layers()
        except InputError:
            return f"{type(self).__name__}(in use)"
        if shape is None:
            return f"{type(self).__name__}()"
        windows = sum(window is not None for window, _ in layers)
        sliding = f", sliding_layers={windows}" if windows else ""
        return f"{type(self).__name__}(layers={len(layers)}{sliding}, batch_size={shape[0]}, seq_length={shape[1]})"


class StaticCache(DynamicCache):
    """A `DynamicCache` that states a maximum length; memory grows with the tokens, up to any length.

    Parameters
    ----------
    config
        Without effect: the model determines its layers.
    max_cache_len
        What `get_max_length` returns.
    offloading, offload_only_non_sliding
        Not supported; the latter has no effect alone.
    **kwargs
        Arguments of version 4, such as `max_batch_size`, `device` and `dtype`, without effect.
    """

    def __init__(
        self,
        config: Any = None,
        max_cache_len: int | None = None,
        offloading: bool = False,
        offload_only_non_sliding: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(offloading=offloading)
        self.max_cache_len = max_cache_len

    def get_max_length(self, layer_idx: int | None = None) -> int:
        """The maximum length; the size of its sliding window for such a layer."""
        window = super().get_max_length(layer_idx) if layer_idx is not None else -1
        return window if window != -1 or self.max_cache_len is None else self.max_cache_len


class SlidingWindowCache(StaticCache):
    """A `StaticCache`, by a name of version 4."""


class HybridCache(StaticCache):
    """A `StaticCache`, by a name of version 4."""


class QuantizedCache(Cache):
    """Not supported: keys and values have the precision of the engine."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        raise UnsupportedError("not supported: QuantizedCache; a DynamicCache has the precision of the engine")


class OffloadedCache(Cache):
    """Not supported: a cache stays on the device of its model."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        raise UnsupportedError("not supported: OffloadedCache; a DynamicCache stays on the device of its model")


class CrossAttentionCache(Cache):
    """The keys and values of the source that the sequences of a decoder attend to; a part of their cache."""

    def __init__(self, own: DynamicCache) -> None:
        self._own = own

    def __len__(self) -> int:
        """The number of layers; 0 for an empty cache."""
        return len(self._own)

    def __bool__(self) -> bool:
        """True, even for an empty cache."""
        return True

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """The number of tokens of the source, padding included."""
        found = self._own.native.source_keys_and_values(layer_idx) if len(self) else None
        return 0 if found is None else int(found[0].shape[2])

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Copies of each layer's keys and values, (batch, heads, source seq, head_dim), zero at padding; and None."""
        for layer in range(len(self)):
            found = self._own.native.source_keys_and_values(layer)
            if found is not None:
                yield self._own._converted(found[0]), self._own._converted(found[1]), None

    def __getitem__(self, layer_idx: int) -> tuple[Any, Any]:
        """Copies of a layer's keys and values."""
        keys, values, _ = list(self)[layer_idx]
        return keys, values

    def reset(self) -> None:
        """Has no effect: the source is removed with the decoder's tokens."""

    def reorder_cache(self, beam_idx: Any) -> None:
        """Has no effect: the sources are reordered with the decoder's sequences."""

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Has no effect: the sources are repeated with the decoder's sequences."""

    def batch_select_indices(self, indices: Any) -> None:
        """Has no effect: the sources are selected with the decoder's sequences."""


class EncoderDecoderCache(Cache):
    """The caches of a decoder's attention to itself and to an encoder.

    Parameters
    ----------
    *caches
        Two caches.
    """

    def __init__(self, *caches: Any) -> None:
        if len(caches) != 2 or not all(isinstance(cache, Cache) for cache in caches):
            raise InputError(f"caches: expected two caches, found {[type(cache).__name__ for cache in caches]}")
        self.self_attention_cache: Any = caches[0]
        self.cross_attention_cache: Any = caches[1]

    @classmethod
    def of(cls, native: _native.PastKeyValues) -> Self:
        """Wraps a cache of the engine, which holds both."""
        cache = cls.__new__(cls)
        own = DynamicCache.of(native)
        cache.self_attention_cache, cache.cross_attention_cache = own, CrossAttentionCache(own)
        return cache

    @classmethod
    def checked(cls, cache: Any) -> Self:
        """Checks the `past_key_values` of an encoder-decoder; a `DynamicCache` becomes the decoder's own.

        Raises
        ------
        InputError
            `cache` is no cache, or its parts belong to different models.
        """
        if isinstance(cache, DynamicCache):
            return cls.of(filled(cache).native)
        if not isinstance(cache, cls):
            raise InputError(f"past_key_values: expected an EncoderDecoderCache, found {type(cache).__name__}")
        if not isinstance(cache.cross_attention_cache, CrossAttentionCache):
            cache.cross_attention_cache = CrossAttentionCache(filled(cache.self_attention_cache))
        return cache

    @property
    def native(self) -> _native.PastKeyValues:
        """The engine's cache."""
        return filled(self.self_attention_cache).native

    @property
    def is_updated(self) -> dict[int, bool]:
        """For each layer, whether the cache holds the keys and values of a source."""
        count = len(self.cross_attention_cache)
        return {layer: self.cross_attention_cache.get_seq_length(layer) > 0 for layer in range(count)}

    def __getattr__(self, name: str) -> Any:
        # What says something about the past is that of the decoder's own attention.
        if name.startswith("_") or name == "self_attention_cache":
            raise AttributeError(name)
        return getattr(self.self_attention_cache, name)

    def __len__(self) -> int:
        """The number of layers."""
        return len(self.self_attention_cache)

    def __bool__(self) -> bool:
        """True, even for an empty cache."""
        return True

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """The keys and values of both caches for each layer."""
        for own, cross in zip(self.self_attention_cache, self.cross_attention_cache, strict=False):
            yield (*own, *cross)

    def reset(self) -> None:
        """Empties both caches."""
        self.self_attention_cache.reset()
        self.cross_attention_cache.reset()

    def crop(self, tokens_to_remove: int) -> None:
        """Removes tokens of the decoder."""
        self.self_attention_cache.crop(tokens_to_remove)

    def reorder_cache(self, beam_idx: Any) -> None:
        """Reorders the sequences of both caches."""
        self.self_attention_cache.reorder_cache(beam_idx)
        self.cross_attention_cache.reorder_cache(beam_idx)

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Repeats each sequence of both caches."""
        self.self_attention_cache.batch_repeat_interleave(repeats)
        self.cross_attention_cache.batch_repeat_interleave(repeats)

    def batch_select_indices(self, indices: Any) -> None:
        """Selects sequences of both caches."""
        self.self_attention_cache.batch_select_indices(indices)
        self.cross_attention_cache.batch_select_indices(indices)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(self_attention_cache={self.self_attention_cache}, "
            f"cross_attention_cache={self.cross_attention_cache})"
        )


def filled(cache: Any) -> DynamicCache:
    """Checks `past_key_values`, and fills a pending cache.

    Raises
    ------
    InputError
        `cache` is not a `DynamicCache`.
    """
    if isinstance(cache, DynamicCache):
        cache.native  # noqa: B018  # fills a pending cache
        return cache
    raise InputError(f"past_key_values: expected a trustformers.DynamicCache, found {type(cache).__name__}")
