"""Key-value caches of decoders, with the interface of transformers."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import as_array
from trustformers.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self


__all__ = ["Cache", "DynamicCache", "QuantizedCache", "StaticCache"]


class Cache:
    """Base of all caches; `DynamicCache` is the only kind that is implemented."""


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

    @classmethod
    def of(cls, native: _native.PastKeyValues) -> Self:
        """Wraps a cache of the engine."""
        cache = cls()
        cache._native = native
        return cache

    @classmethod
    def later(cls, fill: Callable[[_native.PastKeyValues], Any]) -> Self:
        """A cache that `fill` fills on first use."""
        cache = cls()
        cache._fill = fill
        return cache

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
            keys_and_values = self.native.keys_and_values(layer)
            if keys_and_values is not None:
                yield (*keys_and_values, None if window is None else np.asarray(window))

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


class _Unsupported(Cache):
    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        raise UnsupportedError(f"not supported: {type(self).__name__}; a DynamicCache grows in place")


class StaticCache(_Unsupported):
    """Not supported; a `DynamicCache` grows in place, by doubling."""


class QuantizedCache(_Unsupported):
    """Not supported."""


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
