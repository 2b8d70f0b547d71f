"""Reductions and sorting of the Python array API standard."""

from __future__ import annotations

import builtins
from typing import Any, TypeAlias

from trustformers._native import Tensor

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "argsort",
    "cumulative_prod",
    "cumulative_sum",
    "max",
    "mean",
    "min",
    "prod",
    "sort",
    "std",
    "sum",
    "var",
]

Axis: TypeAlias = int | tuple[int, ...] | None


def argmax(x: Tensor, /, *, axis: int | None = None, keepdims: builtins.bool = False) -> Tensor:
    """Index of the first largest element."""
    return x.argmax(axis=axis, keepdims=keepdims)


def argmin(x: Tensor, /, *, axis: int | None = None, keepdims: builtins.bool = False) -> Tensor:
    """Index of the first smallest element."""
    return x.argmin(axis=axis, keepdims=keepdims)


def argsort(x: Tensor, /, *, axis: int = -1, descending: builtins.bool = False, stable: builtins.bool = True) -> Tensor:
    """Indices that sort a dimension."""
    return x.argsort(axis, descending, stable=stable)


def sort(x: Tensor, /, *, axis: int = -1, descending: builtins.bool = False, stable: builtins.bool = True) -> Tensor:
    """The sorted elements along a dimension."""
    found: Tensor = x.sort(axis, descending, stable=stable).values
    return found


def cumulative_sum(x: Tensor, /, *, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Cumulative sums along a dimension."""
    return x.cumsum(axis, dtype=dtype)


def cumulative_prod(x: Tensor, /, *, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Cumulative products along a dimension."""
    return x.cumprod(axis, dtype=dtype)


def max(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """The largest elements over dimensions."""
    return x.amax(axis=axis, keepdims=keepdims)


def min(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """The smallest elements over dimensions."""
    return x.amin(axis=axis, keepdims=keepdims)


def mean(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Means over dimensions."""
    return x.mean(axis=axis, keepdims=keepdims)


def prod(x: Tensor, /, *, axis: Axis = None, dtype: Any = None, keepdims: builtins.bool = False) -> Tensor:
    """Products over dimensions."""
    return x.prod(axis=axis, dtype=dtype, keepdims=keepdims)


def std(x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False) -> Tensor:
    """Standard deviations over dimensions."""
    return x.std(axis=axis, correction=correction, keepdims=keepdims)


def sum(x: Tensor, /, *, axis: Axis = None, dtype: Any = None, keepdims: builtins.bool = False) -> Tensor:
    """Sums over dimensions."""
    return x.sum(axis=axis, dtype=dtype, keepdims=keepdims)


def var(x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False) -> Tensor:
    """Variances over dimensions."""
    return x.var(axis=axis, correction=correction, keepdims=keepdims)


def all(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Whether all elements over dimensions are nonzero."""
    return x.all(axis=axis, keepdims=keepdims)


def any(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Whether any element over dimensions is nonzero."""
    return x.any(axis=axis, keepdims=keepdims)
