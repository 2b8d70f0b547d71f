"""Results of operations that give values and their indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from trustformers._native import Tensor

__all__ = ["max", "min", "sort", "topk"]


class max(NamedTuple):
    """The largest elements of a dimension."""

    values: Tensor
    indices: Tensor


class min(NamedTuple):
    """The smallest elements of a dimension."""

    values: Tensor
    indices: Tensor


class sort(NamedTuple):
    """The sorted elements of a dimension."""

    values: Tensor
    indices: Tensor


class topk(NamedTuple):
    """The largest or smallest elements of a dimension in order."""

    values: Tensor
    indices: Tensor
