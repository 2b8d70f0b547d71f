"""Functions of shapes, indices and products of the Python array API standard."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

from trustformers import _native
from trustformers._native import Tensor, cat
from trustformers.errors import InputError

__all__ = [
    "broadcast_arrays",
    "broadcast_to",
    "concat",
    "expand_dims",
    "flip",
    "matmul",
    "matrix_transpose",
    "nonzero",
    "permute_dims",
    "reshape",
    "squeeze",
    "take",
    "take_along_axis",
    "tile",
    "unstack",
]


def matmul(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Matrix product; leading dimensions are broadcast."""
    return x1 @ x2


def matrix_transpose(x: Tensor, /) -> Tensor:
    """The tensor with its last two dimensions swapped."""
    return x.mT


def broadcast_arrays(*arrays: Tensor) -> list[Tensor]:
    """Tensors broadcast to their common shape."""
    return _native.broadcast_tensors(*arrays)


def broadcast_to(x: Tensor, /, shape: Sequence[int]) -> Tensor:
    """The tensor broadcast to a shape."""
    return x.expand(tuple(shape))


def concat(arrays: Sequence[Tensor], /, dim: int | None = None, *, axis: int | None = 0) -> Tensor:
    """Concatenates tensors along a dimension; with `axis=None`, concatenates the flattened tensors."""
    if dim is not None:
        axis = dim
    if axis is None:
        return cat([x.ravel() for x in arrays], 0)
    return cat(list(arrays), axis)


def expand_dims(x: Tensor, /, axis: int = 0) -> Tensor:
    """The tensor with a new dimension of size 1."""
    return x.unsqueeze(axis)


def flip(
    x: Tensor,
    /,
    dims: int | Sequence[int] | None = None,
    *,
    axis: int | tuple[int, ...] | None = None,
) -> Tensor:
    """The tensor with dimensions reversed."""
    if dims is not None:
        return x.flip(dims=dims)
    return x.flip() if axis is None else x.flip(axis)


def permute_dims(x: Tensor, /, axes: Sequence[int]) -> Tensor:
    """The tensor with its dimensions reordered."""
    return x.permute(tuple(axes))


def reshape(x: Tensor, /, shape: Sequence[int], *, copy: builtins.bool | None = None) -> Tensor:
    """The elements in another shape, in which one size may be -1 to be inferred."""
    found = x.reshape(tuple(shape))
    return found.clone() if copy else found


def squeeze(
    x: Tensor, /, axis: int | tuple[int, ...] | None = None, *, dim: int | tuple[int, ...] | None = None
) -> Tensor:
    """The tensor without dimensions of size 1: all of them, or the named ones.

    A dimension named by `axis` must have size 1; one named by `dim` may have another size, and stays.
    """
    if axis is None:
        return x.squeeze(dim)
    for one in (axis,) if isinstance(axis, int) else axis:
        if x.size(one) != 1:
            raise InputError(f"axis: dimension {one} has size {x.size(one)}, not 1")
    return x.squeeze(axis)


def tile(x: Tensor, repetitions: Sequence[int], /) -> Tensor:
    """The tensor repeated along each dimension."""
    return x.tile(tuple(repetitions))


def unstack(x: Tensor, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along a dimension, without that dimension."""
    return tuple(x.unbind(axis))


def take(x: Tensor, indices: Tensor, /, *, axis: int | None = None) -> Tensor:
    """Elements along a dimension at indices of rank 1."""
    if axis is None:
        x, axis = x.ravel(), 0
    return x.index_select(axis, indices)


def take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int = -1) -> Tensor:
    """Elements at indices of the result's shape along a dimension."""
    return x.gather(axis, indices)


def nonzero(x: Tensor, /, *, as_tuple: builtins.bool = True) -> Any:
    """Indices of the nonzero elements, one tensor per dimension, or with `as_tuple=False` one row per element."""
    if not as_tuple:
        return x.nonzero()
    if x.ndim == 0:
        raise InputError("x: a tensor without dimensions has no indices")
    found: tuple[Tensor, ...] = x.nonzero(as_tuple=True)
    return found
