"""Creation of tensors, with torch's names."""

from __future__ import annotations

from typing import Any

from trustformers._native import Tensor, arange
from trustformers.errors import InputError

__all__ = ["as_tensor", "from_numpy", "meshgrid", "tensor", "tril_indices", "triu_indices"]


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of a number, nested lists, an array or a tensor."""
    return Tensor(Tensor(data, dtype, device).clone(), requires_grad=requires_grad)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """A tensor from a number, nested lists, an array or a tensor, whose memory is shared if possible."""
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    return Tensor(data, dtype, device)


def from_numpy(array: Any) -> Tensor:
    """A tensor that shares the memory of an array."""
    return Tensor.from_numpy(array)


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Coordinates of the grid that vectors span, one tensor for each.

    `indexing` is "xy", where the first vector varies along the second dimension, or "ij". Arguments of the array API
    standard, several tensors, are "xy" by default; one list of tensors is "ij", as in torch.
    """
    is_list = len(tensors) == 1 and isinstance(tensors[0], (list, tuple))
    vectors = [vector.reshape(-1) for vector in (tensors[0] if is_list else tensors)]
    indexing = indexing or ("ij" if is_list else "xy")
    if indexing not in ("xy", "ij"):
        raise InputError(f'indexing: {indexing!r}; expected "xy" or "ij"')
    rank = len(vectors)
    shape = [vector.numel() for vector in vectors]
    order = list(range(rank))
    if indexing == "xy" and rank > 1:
        order[:2] = [1, 0]
    shape = [shape[at] for at in order]
    found = []
    for at, vector in enumerate(vectors):
        sizes = [1] * rank
        sizes[order.index(at)] = vector.numel()
        found.append(vector.reshape(sizes).expand(shape))
    return tuple(found)


def _indices(row: int, col: int, offset: int, is_upper: bool, device: Any) -> Tensor:
    rows, cols = arange(row, device=device).unsqueeze(1), arange(col, device=device)
    mask = cols - rows >= offset if is_upper else cols - rows <= offset
    found: Tensor = mask.nonzero()
    return found.t().contiguous()


def tril_indices(row: int, col: int, offset: int = 0, *, device: Any = None) -> Tensor:
    """Indices of the lower triangle of a matrix, up to the diagonal `offset` above the main one: rows and columns."""
    return _indices(row, col, offset, False, device)


def triu_indices(row: int, col: int, offset: int = 0, *, device: Any = None) -> Tensor:
    """Indices of the upper triangle of a matrix, from the diagonal `offset` above the main one on: rows and columns."""
    return _indices(row, col, offset, True, device)
