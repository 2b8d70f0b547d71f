"""Products of tensors."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from typing import Any

from trustformers import _native
from trustformers._native import Tensor
from trustformers.errors import InputError

__all__ = ["addmm", "baddbmm", "bmm", "dot", "einsum", "mm", "mv", "outer", "tensordot", "trace", "vecdot"]


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """Product of two matrices."""
    return input.mm(mat2)


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """Products of matrices with one leading dimension."""
    return input.bmm(mat2)


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """Product of a matrix and a vector."""
    return input.mv(vec)


def dot(input: Tensor, other: Tensor) -> Tensor:
    """Sum of the products of two vectors' elements."""
    return input.dot(other)


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Matrix of the products of two vectors' elements."""
    return input.outer(vec2)


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Sum of `beta * input` and `alpha` times the product of two matrices."""
    return input.addmm(mat1, mat2, beta=beta, alpha=alpha)


def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Sum of `beta * input` and `alpha` times the products of matrices with one leading dimension."""
    return input.baddbmm(batch1, batch2, beta=beta, alpha=alpha)


def trace(input: Tensor) -> Tensor:
    """Sum of the main diagonal of a matrix."""
    return input.trace()


def vecdot(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """Sums of the products of two tensors' elements along a dimension."""
    for x in (x1, x2):
        if not -x.ndim <= axis < 0:
            raise InputError(f"axis: expected one from -{x.ndim} to -1, found {axis}")
    products = x1.movedim(axis, -1) * x2.movedim(axis, -1)
    return products.sum(-1, dtype=products.dtype)


def tensordot(
    x1: Tensor, x2: Tensor, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2, dims: Any = None
) -> Tensor:
    """Products summed over the last `axes` dimensions of the first tensor and the first ones of the second.

    `axes`, in torch `dims`, may also be two lists of dimensions.
    """
    axes = axes if dims is None else dims
    if isinstance(axes, int):
        first, second = list(range(x1.ndim - axes, x1.ndim)), list(range(axes))
    else:
        first, second = ([at % max(x.ndim, 1) for at in own] for x, own in zip((x1, x2), axes, strict=True))
    if len(first) != len(second) or any(x1.shape[a] != x2.shape[b] for a, b in zip(first, second, strict=True)):
        raise InputError(f"axes: dimensions {first} of {x1.shape} do not fit dimensions {second} of {x2.shape}")
    rows = [at for at in range(x1.ndim) if at not in first]
    cols = [at for at in range(x2.ndim) if at not in second]
    inner = math.prod(x1.shape[at] for at in first)
    left = x1.permute(tuple(rows + first)).reshape(math.prod(x1.shape[at] for at in rows), inner)
    right = x2.permute(tuple(second + cols)).reshape(inner, math.prod(x2.shape[at] for at in cols))
    return (left @ right).reshape([x1.shape[at] for at in rows] + [x2.shape[at] for at in cols])


def einsum(equation: str, *operands: Any) -> Tensor:
    """Einstein summation, such as `einsum("bij,bjk->bik", x, y)`.

    More than two tensors are contracted pair by pair: in the order that `opt_einsum` computes if it is installed,
    otherwise from the first.
    """
    given = operands[0] if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else operands
    tensors: list[Tensor] = list(given)
    return _native._einsum(equation, tensors, _path(equation, tensors) if len(tensors) > 2 else [])


def _path(equation: str, tensors: list[Tensor]) -> list[tuple[int, int]]:
    """The pairs to contract; empty without opt_einsum."""
    try:
        contract_path = importlib.import_module("opt_einsum").contract_path
    except ImportError:
        return []
    try:
        path, _ = contract_path(equation, *(tuple(x.shape) for x in tensors), shapes=True)
    except ValueError:
        # The engine's message is the same with and without opt_einsum.
        return []
    pairs = [tuple(step) for step in path if len(step) == 2]
    return pairs if len(pairs) == len(path) else []
