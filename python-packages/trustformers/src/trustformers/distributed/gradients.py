"""The mean of gradients over all processes, in place in the engine's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers.tensor.autograd import no_grad
from trustformers.tensor.dtypes import float32

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustformers._native import Tensor
    from trustformers.distributed.world import World

__all__ = ["DEFAULT_BUCKET_MB", "average_gradients", "pieces", "reduce_gradients"]

# The fastest size of a piece where it was measured: docs/benchmarks.
DEFAULT_BUCKET_MB = 4.0
# Gradients below this are joined, for an operation takes some microseconds.
_JOINED_BYTES = 256 * 1024


def average_gradients(world: World, parameters: Sequence[Tensor], bucket_cap_mb: float | None = None) -> None:
    """Replaces the gradients of parameters by their means over all processes.

    A parameter without a gradient counts as one of zeros where another process has one.

    Parameters
    ----------
    world
        The processes.
    parameters
        The parameters, in the same order in all processes.
    bucket_cap_mb
        The size of the pieces that are reduced at once, in MiB; 4 by default.
    """
    _reduce(world, parameters, None, bucket_cap_mb)


def reduce_gradients(
    world: World, parameters: Sequence[Tensor], owners: Sequence[int], bucket_cap_mb: float | None = None
) -> None:
    """Gives each process the means of the gradients of its own parameters, and removes the others.

    Parameters
    ----------
    world
        The processes.
    parameters
        The parameters, in the same order in all processes.
    owners
        The rank that gets the gradient of each parameter.
    bucket_cap_mb
        As of `average_gradients`.
    """
    _reduce(world, parameters, owners, bucket_cap_mb)


@no_grad()
def _reduce(
    world: World, parameters: Sequence[Tensor], owners: Sequence[int] | None, bucket_cap_mb: float | None
) -> None:
    if world.size == 1:
        return
    gradients = _native._take_gradients(list(parameters))
    is_present = world.largest([gradient is not None for gradient in gradients], "all-reduce of gradients")
    elements = int((DEFAULT_BUCKET_MB if bucket_cap_mb is None else bucket_cap_mb) * 2**20) // 4
    means: dict[int | None, _Means] = {}
    waiting: list[tuple[Tensor, Tensor]] = []
    for index, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
        if not is_present[index]:
            continue
        own = _zeros(parameter) if gradient is None else gradient
        owner = None if owners is None else owners[index]
        if owner not in means:
            means[owner] = _Means(world, max(elements, 1), owner)
        mean = means[owner].add(own if own.dtype == float32 and own.is_cpu else own.cpu().float())
        if owner is None or owner == world.rank:
            waiting.append((parameter, mean))
    # The same order in all processes.
    for found in means.values():
        found.finish()
    for parameter, mean in waiting:
        parameter.grad = mean.to(device=parameter.device, dtype=parameter.dtype)


def pieces(array: Any, size: int) -> Iterator[Any]:
    """Views of a flat array, of at most `size` elements each."""
    for start in range(0, array.size, size):
        yield array[start : start + size]


class _Means:
    """Averages arrays of float32, in all processes or in one; small ones wait until a buffer of theirs is full."""

    def __init__(self, world: World, piece: int, owner: int | None) -> None:
        self._world, self._piece, self._owner = world, piece, owner
        self._waiting: list[Any] = []
        self._count = 0

    def add(self, tensor: Tensor) -> Tensor:
        """The tensor whose elements will be the means when `finish` returns."""
        array = tensor.numpy()
        if not array.flags.writeable or not (array.flags.c_contiguous or array.flags.f_contiguous):
            tensor = _native.Tensor(np.array(array, order="C"))
            array = tensor.numpy()
        flat = array.reshape(-1) if array.flags.c_contiguous else array.T.reshape(-1)
        if array.nbytes >= _JOINED_BYTES:
            self._average(flat)
            return tensor
        self._waiting.append(flat)
        self._count += flat.size
        if self._count >= self._piece:
            self.finish()
        return tensor

    def finish(self) -> None:
        """Averages the arrays that wait."""
        if not self._waiting:
            return
        joined = np.concatenate(self._waiting)
        self._average(joined)
        start = 0
        for flat in self._waiting:
            flat[:] = joined[start : start + flat.size]
            start += flat.size
        self._waiting, self._count = [], 0

    def _average(self, flat: Any) -> None:
        factor = np.float32(1 / self._world.size)
        for piece in pieces(flat, self._piece):
            if self._owner is None:
                self._world.sum_into(piece, "all-reduce of gradients")
            else:
                self._world.sum_at(piece, self._owner, "reduction of gradients")
            np.multiply(piece, factor, out=piece)


def _zeros(parameter: Tensor) -> Tensor:
    return _native.Tensor(np.zeros(tuple(parameter.shape), np.float32))
