"""Distinct elements, counts, quantiles, cumulative results and searches."""

from __future__ import annotations

import builtins
from typing import Any, NamedTuple

import numpy as np

from trustformers._native import Tensor
from trustformers.tensor.manipulation import concat

__all__ = [
    "amax",
    "amin",
    "bincount",
    "count_nonzero",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "diff",
    "logsumexp",
    "median",
    "nanmean",
    "nansum",
    "norm",
    "numel",
    "quantile",
    "searchsorted",
    "topk",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]

Axis = int | tuple[int, ...] | None


class _UniqueAll(NamedTuple):
    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class _UniqueCounts(NamedTuple):
    values: Tensor
    counts: Tensor


class _UniqueInverse(NamedTuple):
    values: Tensor
    inverse_indices: Tensor


def unique(
    input: Tensor,
    sorted: builtins.bool = True,
    return_inverse: builtins.bool = False,
    return_counts: builtins.bool = False,
    dim: int | None = None,
) -> Any:
    """The sorted distinct elements, and on request the index of each element among them and their counts."""
    return input.unique(sorted, return_inverse, return_counts, dim)


def unique_all(x: Tensor, /) -> _UniqueAll:
    """The sorted distinct elements, their first indices, the index of each element among them, and their counts."""
    return _UniqueAll(*x._unique_all())


def unique_counts(x: Tensor, /) -> _UniqueCounts:
    """The sorted distinct elements and their counts."""
    values, _, _, counts = x._unique_all()
    return _UniqueCounts(values, counts)


def unique_inverse(x: Tensor, /) -> _UniqueInverse:
    """The sorted distinct elements and the index of each element among them."""
    values, _, inverse, _ = x._unique_all()
    return _UniqueInverse(values, inverse)


def unique_values(x: Tensor, /) -> Tensor:
    """The sorted distinct elements."""
    return x._unique_all()[0]


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each integer from 0 on occurs, or the sums of the weights of its occurrences."""
    return input.bincount(weights, minlength)


def count_nonzero(x: Tensor, /, dim: Axis = None, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Number of nonzero elements over dimensions."""
    return x.count_nonzero(dim, axis=axis, keepdims=keepdims)


def numel(input: Tensor) -> int:
    """Number of elements."""
    return input.numel()


def amax(input: Tensor, dim: Axis = None, keepdim: builtins.bool = False) -> Tensor:
    """The largest elements over dimensions."""
    return input.amax(dim, keepdim)


def amin(input: Tensor, dim: Axis = None, keepdim: builtins.bool = False) -> Tensor:
    """The smallest elements over dimensions."""
    return input.amin(dim, keepdim)


def cumsum(input: Tensor, dim: int | None = None, *, dtype: Any = None, axis: int | None = None) -> Tensor:
    """Cumulative sums along a dimension."""
    return input.cumsum(dim, dtype=dtype, axis=axis)


def cumprod(input: Tensor, dim: int | None = None, *, dtype: Any = None, axis: int | None = None) -> Tensor:
    """Cumulative products along a dimension."""
    return input.cumprod(dim, dtype=dtype, axis=axis)


def cummax(input: Tensor, dim: int) -> Any:
    """Cumulative maxima along a dimension, and their indices."""
    return input.cummax(dim)


def cummin(input: Tensor, dim: int) -> Any:
    """Cumulative minima along a dimension, and their indices."""
    return input.cummin(dim)


def topk(input: Tensor, k: int, dim: int = -1, largest: builtins.bool = True, sorted: builtins.bool = True) -> Any:
    """The `k` largest or smallest elements along a dimension, and their indices."""
    return input.topk(k, dim, largest, sorted)


def median(input: Tensor, dim: int | None = None, keepdim: builtins.bool = False) -> Any:
    """The median, the smaller of two middle elements; with `dim`, the medians and their indices."""
    return input.median(dim, keepdim)


def nansum(input: Tensor, dim: Axis = None, keepdim: builtins.bool = False) -> Tensor:
    """Sums over dimensions, with NaN as 0."""
    return input.nansum(dim, keepdim)


def nanmean(input: Tensor, dim: Axis = None, keepdim: builtins.bool = False) -> Tensor:
    """Means of the elements over dimensions that are not NaN."""
    return input.nanmean(dim, keepdim)


def quantile(
    input: Tensor,
    q: float | Tensor,
    dim: int | None = None,
    keepdim: builtins.bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """Quantiles of floats along a dimension, or of all elements."""
    return input.quantile(q, dim, keepdim, interpolation=interpolation)


def norm(input: Tensor, p: Any = None, dim: Axis = None, keepdim: builtins.bool = False) -> Tensor:
    """Norms of floats over dimensions, or of all elements."""
    return input.norm(p, dim, keepdim)


def logsumexp(input: Tensor, dim: Axis = None, keepdim: builtins.bool = False) -> Tensor:
    """Logarithm of the sum of exponentials over dimensions."""
    return input.logsumexp(dim, keepdim)


def diff(
    x: Tensor,
    /,
    n: int = 1,
    dim: int | None = None,
    *,
    axis: int = -1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
) -> Tensor:
    """Differences of consecutive elements along a dimension, `n` times."""
    axis = axis if dim is None else dim
    x = concat([part for part in (prepend, x, append) if part is not None], axis=axis)
    for _ in range(n):
        size = max(x.size(axis) - 1, 0)
        tail, head = x.narrow(axis, x.size(axis) - size, size), x.narrow(axis, 0, size)
        x = tail != head if x.dtype == "bool" else tail - head
    return x


def searchsorted(
    x1: Tensor,
    x2: Tensor,
    /,
    right: builtins.bool = False,
    *,
    side: str = "left",
    sorter: Tensor | None = None,
) -> Tensor:
    """Indices of the sorted vector `x1` before which the elements of `x2` keep it sorted; computed by NumPy."""
    arrays = [np.asarray(x.detach().cpu()) for x in (x1, x2)]
    order = None if sorter is None else np.asarray(sorter.cpu())
    found = np.searchsorted(arrays[0], arrays[1], side="right" if right else side, sorter=order)  # type: ignore[call-overload]
    return Tensor(np.asarray(found, dtype=np.int64), device=x2.device)
