"""Conversion of lists to arrays and tensors."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from trustformers.errors import InputError, UnsupportedError

_OTHERS = frozenset({"jax", "mlx", "tf"})


def tensor_kind(return_tensors: Any) -> str | None:
    """`"np"`, `"pt"` or None.

    Raises
    ------
    UnsupportedError
        Tensors of another library are requested, or torch is not installed.
    """
    name = getattr(return_tensors, "value", return_tensors)
    if name is None:
        return None
    if name == "np":
        return "np"
    if name == "pt":
        _torch()
        return "pt"
    if name in _OTHERS:
        raise UnsupportedError(f'not supported: return_tensors="{name}"; pass "np" for NumPy arrays')
    raise InputError(f'return_tensors: {return_tensors!r} is not one of "np", "pt", None')


def as_tensor(key: str, value: Any, kind: str) -> Any:
    """Converts a number or nested lists to an array or tensor; an array is not copied.

    Raises
    ------
    InputError
        Rows differ in length.
    """
    import numpy as np

    if kind == "pt" and _torch().is_tensor(value):
        return value
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype == object or array.dtype.kind in "US":
        raise InputError(
            f"return_tensors: the rows of {key!r} do not make one array; "
            "pass padding=True (and truncation=True) for rows of one length"
        )
    if array.size == 0 and not hasattr(value, "dtype"):
        array = array.astype(np.int64)
    return _torch().from_numpy(np.ascontiguousarray(array)) if kind == "pt" else array


def _torch() -> Any:
    try:
        return import_module("torch")
    except ImportError as error:
        raise UnsupportedError(
            'not supported: return_tensors="pt" without torch, which cannot be imported; pass "np" for NumPy arrays'
        ) from error
