"""Results of operations that return values and indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from trustformers._native import Tensor

__all__ = ["cummax", "cummin", "max", "median", "min", "sort", "topk"]


class max(NamedTuple):
    """The largest elements along a dimension."""

    values: Tensor
    indices: Tensor


class min(NamedTuple):
    """The smallest elements along a dimension."""

    values: Tensor
    indices: Tensor


class sort(NamedTuple):
    """The sorted elements along a dimension."""

    values: Tensor
    indices: Tensor


class topk(NamedTuple):
    """The largest or smallest elements along a dimension, sorted."""

    values: Tensor
    indices: Tensor


class median(NamedTuple):
    """The medians along a dimension."""

    values: Tensor
    indices: Tensor


class cummax(NamedTuple):
    """The cumulative maxima along a dimension."""

    values: Tensor
    indices: Tensor


class cummin(NamedTuple):
    """The cumulative minima along a dimension."""

    values: Tensor
    indices: Tensor
