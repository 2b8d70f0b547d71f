"""Tensors in arrays that MPI can send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers._native import Tensor

if TYPE_CHECKING:
    from trustformers.distributed.world import World

__all__ = ["as_array", "broadcast_array", "store"]


def as_array(tensor: Tensor) -> Any:
    """The elements in an array of a dtype that MPI knows, which shares the tensor's memory where it can."""
    own = tensor.detach().cpu()
    is_small_float = own.is_floating_point() and own.element_size() < 4  # bytes of float32
    return np.asarray((own.float() if is_small_float else own).numpy(), order="C")


def broadcast_array(world: World, tensor: Tensor, source: int, what: str) -> Any:
    """The elements that a tensor has in the process `source`; as `as_array` in that process.

    Parameters
    ----------
    world
        The processes.
    tensor
        A tensor of the same shape and dtype in all of them.
    source
        The rank of the process.
    what
        As of `World.barrier`.
    """
    own = as_array(tensor)
    array = own if world.rank == source else np.empty_like(own)
    world.broadcast_into(array, source, what)
    return array


def store(tensor: Tensor, array: Any) -> Tensor:
    """Replaces the elements of a tensor by those of an array; returns the tensor."""
    return tensor.copy_(Tensor(array).to(device=tensor.device, dtype=tensor.dtype))
