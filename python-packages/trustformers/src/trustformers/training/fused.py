"""Which tensors the engine changes all at once, in one pass over their memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustformers.tensor.dtypes import bfloat16, float32

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustformers._native import Tensor

__all__ = ["divided", "is_fused"]


def is_fused(tensor: Tensor) -> bool:
    """Whether the engine changes a tensor together with others."""
    return tensor.is_cpu and tensor.dtype in (float32, bfloat16)


def divided(tensors: Iterable[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """The tensors that the engine changes together, and the others."""
    fused: list[Tensor] = []
    others: list[Tensor] = []
    for tensor in tensors:
        (fused if is_fused(tensor) else others).append(tensor)
    return fused, others
