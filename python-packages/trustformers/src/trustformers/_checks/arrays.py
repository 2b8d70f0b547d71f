"""Arrays from the inputs of a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers._checks.arguments import kind
from trustformers._checks.tensors import as_array, unreadable
from trustformers.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def ids(name: str, values: ArrayLike) -> NDArray[np.int64]:
    """Integers of shape (batch, seq); a list or tuple of integers is a batch of one."""
    if isinstance(values, Mapping):
        raise InputError(f"{name}: expected integers, found a {type(values).__name__}; pass its entries: **inputs")
    array = _array(name, values, "tokenize with padding=True")
    if name == "attention_mask" and array.dtype.kind == "f" and np.isin(array, (0, 1)).all():
        array = array.astype(np.int64)
    if array.ndim == 4 and name == "attention_mask":
        raise InputError(
            f"{name}: a mask has two dimensions here, (batch, seq), with 1 for tokens and 0 for padding; found the "
            f"shape {array.shape}"
        )
    if array.dtype.kind not in ("iub" if name == "attention_mask" else "iu") and array.size:
        raise InputError(f"{name}: expected integers, found {array.dtype}")
    if array.ndim == 1 and isinstance(values, (list, tuple)):
        array = array[None]
    if array.ndim == 1:
        raise InputError(
            f"{name}: expected the shape (batch, seq), found {array.shape}; add the batch dimension, {name}[None], "
            "or pass a list, which is a batch of one"
        )
    if array.ndim != 2:
        raise InputError(f"{name}: expected the shape (batch, seq), found {array.shape}")
    if array.dtype == np.uint64 and array.size and int(array.max()) > np.iinfo(np.int64).max:
        raise InputError(f"{name}: {int(array.max())} does not fit into int64")
    return np.ascontiguousarray(array, dtype=np.int64)


def vectors(name: str, values: ArrayLike) -> NDArray[np.float32]:
    """Floating point numbers of shape (batch, seq, hidden)."""
    array = _array(name, values)
    if array.dtype.kind not in "fiub" and array.size:
        raise InputError(f"{name}: expected numbers, found {array.dtype}")
    if array.ndim != 3:
        raise InputError(f"{name}: expected the shape (batch, seq, hidden), found {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float32)


def labels(name: str, values: ArrayLike) -> NDArray[np.int64] | NDArray[np.float32]:
    """Integers as int64 and other numbers as float32, of any shape."""
    array = _array(name, values)
    if array.dtype.kind in "iub":
        return np.ascontiguousarray(array, dtype=np.int64)
    if array.dtype.kind == "f":
        return np.ascontiguousarray(array, dtype=np.float32)
    raise InputError(f"{name}: expected numbers, found {array.dtype}")


def truncated(inputs: dict[str, Any], max_length: object, names: Iterable[str]) -> dict[str, Any]:
    """The inputs of a model with the named ones truncated to `max_length` new tokens; a mask keeps its past ones.

    Raises
    ------
    InputError
        `max_length` is not a positive integer or None.
    """
    if max_length is None:
        return inputs
    if isinstance(max_length, bool) or not isinstance(max_length, (int, np.integer)) or max_length < 1:
        raise InputError(f"max_length: expected a positive number of tokens (int) or None, found {kind(max_length)}")
    tokens = inputs.get("inputs_embeds") if inputs.get("input_ids") is None else inputs["input_ids"]
    excess = 0 if tokens is None else max(tokens.shape[1] - int(max_length), 0)
    cut = {name: inputs[name] for name in names if inputs.get(name) is not None and inputs[name].ndim > 1}
    return inputs | {name: array[:, : max(array.shape[1] - excess, 0)] for name, array in cut.items()}


def _array(name: str, values: ArrayLike, advice: str = "") -> NDArray[np.generic]:
    if found := unreadable(values):
        raise InputError(f"{name}: {found}")
    try:
        return np.asarray(as_array(values))
    except ValueError:
        raise InputError(f"{name}: the rows differ in length{'; ' if advice else ''}{advice}") from None
    except (NotImplementedError, RuntimeError, TypeError) as error:
        # A tensor of torch without elements that NumPy can read, such as a sparse one.
        if not hasattr(values, "is_sparse"):
            raise
        raise InputError(f"{name}: {error}") from error
