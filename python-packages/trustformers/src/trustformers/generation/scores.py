"""Token ids and scores of any library as arrays, and back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import as_array, kind_of
from trustformers.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["as_ids", "as_matrix", "called_name", "like", "token_ids"]


def as_ids(name: str, values: Any) -> NDArray[np.int64]:
    """Token ids of shape (rows, seq) as an array.

    Raises
    ------
    InputError
        The values are no integers, or do not have two dimensions.
    """
    return np.ascontiguousarray(_matrix(name, values, "iub"), dtype=np.int64)


def as_matrix(name: str, values: Any) -> NDArray[np.float32]:
    """Scores of shape (rows, vocab) as an array.

    Raises
    ------
    InputError
        The values are no numbers, or do not have two dimensions.
    """
    return np.ascontiguousarray(_matrix(name, values, "fiub"), dtype=np.float32)


def like(value: Any, array: NDArray[Any]) -> Any:
    """An array as an array or tensor of the library and on the device of `value`; floats have its dtype."""
    kind = kind_of(value)
    if kind == "tf_rs":
        tensor: Any = _native.Tensor.from_numpy(array)
        tensor = tensor.to(dtype=value.dtype) if array.dtype.kind == "f" else tensor
        return tensor.to(device=value.device)
    if kind == "pt":
        tensor = sys.modules["torch"].from_numpy(array)
        return tensor.to(device=value.device, dtype=value.dtype if array.dtype.kind == "f" else tensor.dtype)
    dtype = getattr(value, "dtype", None)
    return array.astype(dtype, copy=False) if array.dtype.kind == "f" and getattr(dtype, "kind", "") == "f" else array


def called_name(function: Any) -> str:
    """The name of a function, or of an object's class."""
    return str(getattr(function, "__name__", type(function).__name__))


def token_ids(name: str, values: Any) -> list[int]:
    """A token id, or ids in a list, array or tensor, as a list.

    Raises
    ------
    InputError
        A value is no integer, or negative.
    """
    found = np.asarray(as_array(values)).reshape(-1) if not _is_iterable(values) else np.asarray(list(values))
    if found.size and (found.dtype.kind not in "iu" or int(found.min()) < 0):
        raise InputError(f"{name}: expected token ids, integers that are not negative, found {values!r}")
    return [int(token) for token in found]


def _is_iterable(values: Iterable[Any] | Any) -> bool:
    return isinstance(values, (list, tuple, set, frozenset, range))


def _matrix(name: str, values: Any, kinds: str) -> NDArray[Any]:
    array: NDArray[Any] = np.asarray(as_array(values))
    if array.ndim != 2:
        raise InputError(f"{name}: expected two dimensions, found the shape {array.shape}")
    if array.dtype.kind not in kinds and array.size:
        raise InputError(f"{name}: expected {'numbers' if 'f' in kinds else 'integers'}, found {array.dtype}")
    return array
