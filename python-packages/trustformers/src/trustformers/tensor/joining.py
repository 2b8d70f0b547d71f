"""Joining, splitting and rearranging tensors, with torch's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trustformers._native import Tensor, cat

__all__ = [
    "argwhere",
    "chunk",
    "concatenate",
    "diag",
    "diag_embed",
    "diagonal",
    "flatten",
    "gather",
    "hstack",
    "index_add",
    "index_select",
    "masked_fill",
    "masked_select",
    "moveaxis",
    "movedim",
    "narrow",
    "permute",
    "ravel",
    "repeat",
    "repeat_interleave",
    "roll",
    "scatter",
    "scatter_add",
    "split",
    "swapaxes",
    "t",
    "transpose",
    "tril",
    "triu",
    "unbind",
    "unsqueeze",
    "vstack",
]


def concatenate(tensors: Sequence[Tensor], axis: int = 0, *, dim: int | None = None) -> Tensor:
    """Concatenates tensors along a dimension."""
    return cat(list(tensors), axis if dim is None else dim)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Stacks tensors as rows; vectors become matrices of one row."""
    return cat([x.reshape(1, -1) if x.ndim < 2 else x for x in tensors], 0)


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Stacks tensors along the second dimension, vectors along the first."""
    parts = [x.reshape(1) if x.ndim == 0 else x for x in tensors]
    return cat(parts, 0 if parts and parts[0].ndim == 1 else 1)


def split(tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Splits a dimension into parts of one size, or of the given sizes."""
    return tuple(tensor.split(split_size_or_sections, dim))


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Splits a dimension into at most `chunks` parts of equal size; the last may be smaller."""
    return tuple(input.chunk(chunks, dim))


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along a dimension, without that dimension."""
    return tuple(input.unbind(dim))


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The tensor with the dimensions from `start_dim` to `end_dim` merged into one."""
    return input.flatten(start_dim, end_dim)


def ravel(input: Tensor) -> Tensor:
    """The elements as a tensor of rank 1."""
    return input.ravel()


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """The tensor with a new dimension of size 1."""
    return input.unsqueeze(dim)


def permute(input: Tensor, dims: Sequence[int]) -> Tensor:
    """The tensor with its dimensions reordered."""
    return input.permute(tuple(dims))


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """The tensor with two dimensions swapped."""
    return input.transpose(dim0, dim1)


def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """The tensor with two dimensions swapped."""
    return input.swapaxes(axis0, axis1)


def t(input: Tensor) -> Tensor:
    """The transposed matrix; a tensor of rank below 2 is unchanged."""
    return input.t()


def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """The tensor with dimensions moved to other positions; the remaining dimensions keep their order."""
    return input.movedim(source, destination)


def moveaxis(x: Tensor, source: int | Sequence[int], destination: int | Sequence[int], /) -> Tensor:
    """The tensor with dimensions moved to other positions; the remaining dimensions keep their order."""
    return x.movedim(source, destination)


def roll(
    x: Tensor,
    /,
    shift: int | Sequence[int] | None = None,
    dims: int | Sequence[int] | None = None,
    *,
    shifts: int | Sequence[int] | None = None,
    axis: int | Sequence[int] | None = None,
) -> Tensor:
    """The tensor with elements moved along dimensions; those beyond the last position reenter at the first."""
    moved = shift if shifts is None else shifts
    if moved is None:
        raise TypeError("shift is missing")
    return x.roll(moved, dims, axis=axis)


def repeat(x: Tensor, repeats: int | Tensor, /, *, axis: int | None = None) -> Tensor:
    """The tensor with each element repeated along a dimension, or in the flattened tensor."""
    return x.repeat_interleave(repeats, axis)


def repeat_interleave(
    input: Tensor, repeats: int | Tensor, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """The tensor with each element repeated along a dimension, or in the flattened tensor."""
    return input.repeat_interleave(repeats, dim, output_size=output_size)


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` elements of a dimension from `start` on."""
    return input.narrow(dim, start, length)


def tril(x: Tensor, /, diagonal: int = 0, *, k: int | None = None) -> Tensor:
    """The lower triangles of matrices, up to the diagonal `diagonal` or `k` above the main one."""
    return x.tril(diagonal if k is None else k)


def triu(x: Tensor, /, diagonal: int = 0, *, k: int | None = None) -> Tensor:
    """The upper triangles of matrices, from the diagonal `diagonal` or `k` above the main one on."""
    return x.triu(diagonal if k is None else k)


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrix with a vector on a diagonal, or the diagonal of a matrix."""
    return input.diag(diagonal)


def diag_embed(input: Tensor, offset: int = 0) -> Tensor:
    """Matrices with the last dimension on the diagonal `offset` above the main one."""
    return input.diag_embed(offset)


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The diagonals of the matrices of two dimensions, as the last dimension."""
    return input.diagonal(offset, dim1, dim2)


def argwhere(input: Tensor) -> Tensor:
    """Indices of the nonzero elements, one row each."""
    found: Tensor = input.nonzero()
    return found


def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Elements at `index`, a tensor of integers of the result's shape, along a dimension."""
    return input.gather(dim, index)


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Elements along a dimension at `index`, a vector of integers."""
    return input.index_select(dim, index)


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Tensor:
    """The tensor with the slices of `alpha * source` added to those of a dimension at `index`."""
    return input.index_add(dim, index, source, alpha=alpha)


def scatter(input: Tensor, dim: int, index: Tensor, src: Any) -> Tensor:
    """The tensor with the elements at `index` along a dimension replaced by those of `src`, or by a number."""
    return input.scatter(dim, index, src)


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """The tensor with the elements of `src` added at `index` along a dimension."""
    return input.scatter_add(dim, index, src)


def masked_fill(input: Tensor, mask: Tensor, value: float | Tensor) -> Tensor:
    """The tensor with `value` where a mask is true."""
    return input.masked_fill(mask, value)


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """Elements where a mask is true, as a tensor of rank 1."""
    return input.masked_select(mask)
