"""Reductions and sorting of the Python array API standard."""

from __future__ import annotations

import builtins
from typing import Any, TypeAlias

from trustformers._native import Tensor, cat
from trustformers.errors import InputError

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


def argmax(
    x: Tensor,
    /,
    dim: int | None = None,
    keepdim: builtins.bool | None = None,
    *,
    axis: int | None = None,
    keepdims: builtins.bool | None = None,
) -> Tensor:
    """Index of the first largest element."""
    return x.argmax(dim, keepdim, axis=axis, keepdims=keepdims)


def argmin(
    x: Tensor,
    /,
    dim: int | None = None,
    keepdim: builtins.bool | None = None,
    *,
    axis: int | None = None,
    keepdims: builtins.bool | None = None,
) -> Tensor:
    """Index of the first smallest element."""
    return x.argmin(dim, keepdim, axis=axis, keepdims=keepdims)


def argsort(
    x: Tensor,
    /,
    dim: int = -1,
    descending: builtins.bool = False,
    *,
    axis: int | None = None,
    stable: builtins.bool = True,
) -> Tensor:
    """Indices that sort a dimension."""
    return x.argsort(dim, descending, axis=axis, stable=stable)


def sort(
    x: Tensor,
    /,
    dim: int | None = None,
    descending: builtins.bool = False,
    *,
    axis: int = -1,
    stable: builtins.bool = True,
) -> Any:
    """The sorted elements along a dimension; with `dim` also their indices, as in torch."""
    found: Any = x.sort(axis if dim is None else dim, descending, stable=stable)
    return found.values if dim is None else found


def cumulative_sum(
    x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: builtins.bool = False
) -> Tensor:
    """Cumulative sums along a dimension, with `include_initial` from 0 on."""
    return _cumulative(x, x.cumsum(_only_axis(x, axis), dtype=dtype), axis, include_initial, 0)


def cumulative_prod(
    x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: builtins.bool = False
) -> Tensor:
    """Cumulative products along a dimension, with `include_initial` from 1 on."""
    return _cumulative(x, x.cumprod(_only_axis(x, axis), dtype=dtype), axis, include_initial, 1)


def _only_axis(x: Tensor, axis: int | None) -> int | None:
    if axis is None and x.ndim > 1:
        raise InputError(f"axis: needed for a tensor of {x.ndim} dimensions")
    return axis


def _cumulative(x: Tensor, found: Tensor, axis: int | None, include_initial: builtins.bool, initial: int) -> Tensor:
    if not include_initial:
        return found
    axis = axis or 0
    shape = list(found.shape)
    shape[axis] = 1
    return cat([found.new_full(shape, initial), found], axis)


def max(
    x: Tensor,
    /,
    dim: Any = None,
    keepdim: builtins.bool | None = None,
    *,
    axis: Axis = None,
    keepdims: builtins.bool | None = None,
) -> Any:
    """The largest elements over dimensions; with `dim` also their indices, and with a tensor the larger of two
    elements, as in torch.
    """
    return x.max(dim, keepdim, axis=axis, keepdims=keepdims)


def min(
    x: Tensor,
    /,
    dim: Any = None,
    keepdim: builtins.bool | None = None,
    *,
    axis: Axis = None,
    keepdims: builtins.bool | None = None,
) -> Any:
    """The smallest elements over dimensions; with `dim` also their indices, and with a tensor the smaller of two
    elements, as in torch.
    """
    return x.min(dim, keepdim, axis=axis, keepdims=keepdims)


def mean(
    x: Tensor,
    /,
    dim: Axis = None,
    keepdim: builtins.bool | None = None,
    *,
    axis: Axis = None,
    dtype: Any = None,
    keepdims: builtins.bool | None = None,
) -> Tensor:
    """Means over dimensions."""
    return x.mean(dim, keepdim, axis=axis, dtype=dtype, keepdims=keepdims)


def prod(
    x: Tensor,
    /,
    dim: Axis = None,
    keepdim: builtins.bool | None = None,
    *,
    axis: Axis = None,
    dtype: Any = None,
    keepdims: builtins.bool | None = None,
) -> Tensor:
    """Products over dimensions."""
    return x.prod(dim, keepdim, axis=axis, dtype=dtype, keepdims=keepdims)


def sum(
    x: Tensor,
    /,
    dim: Axis = None,
    keepdim: builtins.bool | None = None,
    *,
    axis: Axis = None,
    dtype: Any = None,
    keepdims: builtins.bool | None = None,
) -> Tensor:
    """Sums over dimensions."""
    return x.sum(dim, keepdim, axis=axis, dtype=dtype, keepdims=keepdims)


def std(
    x: Tensor,
    /,
    dim: Axis = None,
    unbiased: builtins.bool | None = None,
    keepdim: builtins.bool | None = None,
    *,
    axis: Axis = None,
    correction: float | None = None,
    keepdims: builtins.bool | None = None,
) -> Tensor:
    """Standard deviations over dimensions.

    The divisor is the number of elements minus `correction`: by default 0, as in the standard, or 1 with `dim` or
    `unbiased`, as in torch.
    """
    correction = _correction(dim, unbiased, correction)
    return x.std(dim, unbiased, keepdim, axis=axis, correction=correction, keepdims=keepdims)


def var(
    x: Tensor,
    /,
    dim: Axis = None,
    unbiased: builtins.bool | None = None,
    keepdim: builtins.bool | None = None,
    *,
    axis: Axis = None,
    correction: float | None = None,
    keepdims: builtins.bool | None = None,
) -> Tensor:
    """Variances over dimensions.

    The divisor is the number of elements minus `correction`: by default 0, as in the standard, or 1 with `dim` or
    `unbiased`, as in torch.
    """
    correction = _correction(dim, unbiased, correction)
    return x.var(dim, unbiased, keepdim, axis=axis, correction=correction, keepdims=keepdims)


def _correction(dim: Axis, unbiased: builtins.bool | None, correction: float | None) -> float | None:
    is_torch = dim is not None or unbiased is not None
    return correction if correction is not None or is_torch else 0.0


def all(
    x: Tensor,
    /,
    dim: Axis = None,
    keepdim: builtins.bool | None = None,
    *,
    axis: Axis = None,
    keepdims: builtins.bool | None = None,
) -> Tensor:
    """Whether all elements over dimensions are nonzero."""
    return x.all(dim, keepdim, axis=axis, keepdims=keepdims)


def any(
    x: Tensor,
    /,
    dim: Axis = None,
    keepdim: builtins.bool | None = None,
    *,
    axis: Axis = None,
    keepdims: builtins.bool | None = None,
) -> Tensor:
    """Whether any element over dimensions is nonzero."""
    return x.any(dim, keepdim, axis=axis, keepdims=keepdims)
