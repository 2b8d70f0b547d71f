"""Ranks and collective operations under the names of `torch.distributed`."""

from __future__ import annotations

from typing import Any

import numpy as np

from trustformers._checks.arguments import kind
from trustformers._native import Tensor
from trustformers.distributed.tensors import as_array, broadcast_array, store
from trustformers.distributed.world import check_rank, is_launched, world
from trustformers.errors import InputError
from trustformers.tensor.autograd import no_grad

__all__ = [
    "all_gather_object",
    "all_reduce",
    "barrier",
    "broadcast",
    "broadcast_object_list",
    "get_local_rank",
    "get_rank",
    "get_world_size",
    "is_initialized",
]


def is_initialized() -> bool:
    """Whether this process is one of several."""
    return is_launched()


def get_rank() -> int:
    """The index of this process, from 0 on."""
    return world().rank


def get_local_rank() -> int:
    """The index of this process on its machine."""
    return world().local_rank


def get_world_size() -> int:
    """The number of processes."""
    return world().size


def barrier() -> None:
    """Waits for all processes."""
    world().barrier()


@no_grad()
def all_reduce(tensor: Tensor, op: str = "sum") -> Tensor:
    """Replaces the elements of a tensor by their sums over all processes.

    Parameters
    ----------
    tensor
        A tensor of the same shape and dtype in all processes.
    op
        "sum", or "avg" for means.

    Returns
    -------
    Tensor
        The tensor.

    Raises
    ------
    InputError
        The operation has another name.
    """
    if op not in ("sum", "avg"):
        raise InputError(f"op: expected 'sum' or 'avg', found {op!r}")
    _check(tensor)
    array = np.array(as_array(tensor))
    world().sum_into(array)
    return store(tensor, array / world().size if op == "avg" else array)


@no_grad()
def broadcast(tensor: Tensor, src: int = 0) -> Tensor:
    """Replaces the elements of a tensor by those of the process `src`; returns the tensor."""
    _check(tensor)
    return store(tensor, np.array(broadcast_array(world(), tensor, check_rank("src", src), "broadcast")))


def all_gather_object(value: Any) -> list[Any]:
    """The value of each process, in the order of ranks."""
    return world().gather(value)


def broadcast_object_list(values: list[Any], src: int = 0) -> None:
    """Replaces the elements of a list by those of the process `src`."""
    values[:] = world().broadcast(values, check_rank("src", src))


def _check(tensor: object) -> None:
    if not isinstance(tensor, Tensor):
        raise InputError(f"tensor: expected a Tensor, found {kind(tensor)}")
