"""The processes of an MPI job, and what they do together."""

from __future__ import annotations

import atexit
import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from trustformers._absent import missing_extra
from trustformers.distributed.watch import Watch
from trustformers.errors import InputError, UnsupportedError
from trustformers.runtime.threads import set_num_threads

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["World", "is_launched", "world"]

# Variables that launchers of MPI set for each process: Open MPI, MPICH and Intel MPI, Slurm's PMIx.
_SIZES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS")
# Keeps a process on all cores: set by `trustformers launch --no-pin`.
_NO_PIN = "TRUSTFORMERS_NO_PIN"


def is_launched() -> bool:
    """Whether a launcher of MPI has started this process as one of several."""
    return any(_number(os.environ.get(name)) > 1 for name in _SIZES)


@cache
def world() -> World:
    """The processes of this job: one, unless a launcher of MPI started several.

    The first call initializes MPI, and divides the cores of a machine among its processes.

    Raises
    ------
    UnsupportedError
        A launcher of torch started several processes, or mpi4py is not installed.
    """
    if not is_launched():
        _refuse_other_launchers()
        return World(None)
    try:
        from mpi4py import MPI
    except ImportError as error:
        raise missing_extra("several processes", "mpi4py", "mpi") from error
    found = World(MPI.COMM_WORLD.Dup())
    found.share_cores()
    return found


class World:
    """Processes that run the same program.

    Every process calls the same collective operations in the same order.

    Parameters
    ----------
    communicator
        The communicator of mpi4py, which this object owns; None for one process.

    Attributes
    ----------
    rank, size
        The index of this process, and their number.
    local_rank, local_size
        The same on this machine.
    timeout
        After how many seconds in an operation the job ends, with a message that names the missing processes.
    """

    timeout: float = 1800.0

    def __init__(self, communicator: Any) -> None:
        self._communicator = communicator
        self.rank: int = 0
        self.size: int = 1
        self.local_rank: int = 0
        self.local_size: int = 1
        self._watch: Watch | None = None
        if communicator is None or communicator.Get_size() == 1:
            return
        from mpi4py import MPI

        self.rank, self.size = communicator.Get_rank(), communicator.Get_size()
        local = communicator.Split_type(MPI.COMM_TYPE_SHARED)
        self.local_rank, self.local_size = local.Get_rank(), local.Get_size()
        local.Free()
        self._watch = Watch(communicator.Dup(), self)
        # Registered after mpi4py's own function, and so called before it.
        atexit.register(self._finish)
        _abort_on_exceptions(MPI)

    def share_cores(self) -> None:
        """Gives this process its part of the cores that the processes of this machine may use."""
        if self.size == 1 or not hasattr(os, "sched_getaffinity"):
            return
        own = sorted(os.sched_getaffinity(0))
        everyone = self.gather((os.uname().nodename, tuple(own)))
        neighbors = [rank for rank, found in enumerate(everyone) if found == everyone[self.rank]]
        share = own
        if len(neighbors) > 1:
            # Otherwise the launcher has bound each process to cores of its own.
            position, count = neighbors.index(self.rank), len(neighbors)
            first, last = (position * len(own)) // count, ((position + 1) * len(own)) // count
            share = own[first:last] or [own[position % len(own)]]
        if not os.environ.get(_NO_PIN):
            os.sched_setaffinity(0, share)
        if not os.environ.get("TRUSTFORMERS_NUM_THREADS"):
            set_num_threads(len(share))

    @property
    def is_first(self) -> bool:
        """Whether this process has rank 0."""
        return self.rank == 0

    def barrier(self, what: str = "barrier") -> None:
        """Waits for all processes.

        Parameters
        ----------
        what
            What messages about processes that do not arrive call the operation.
        """
        if self._watch is not None:
            with self._watch(what):
                self._communicator.Barrier()

    def gather(self, value: Any, what: str = "gather") -> list[Any]:
        """The value of each process, in the order of ranks; values are pickled."""
        if self._watch is None:
            return [value]
        with self._watch(what):
            found: list[Any] = self._communicator.allgather(value)
        return found

    def gather_at(self, value: Any, target: int, what: str = "gather") -> list[Any] | None:
        """The value of each process in the process `target`; None in the others."""
        if self._watch is None:
            return [value]
        with self._watch(what):
            found: list[Any] | None = self._communicator.gather(value, root=target)
        return found

    def broadcast(self, value: Any, source: int = 0, what: str = "broadcast") -> Any:
        """The value of the process `source`, which is pickled."""
        if self._watch is None:
            return value
        with self._watch(what):
            return self._communicator.bcast(value, root=source)

    def broadcast_into(self, array: Any, source: int = 0, what: str = "broadcast") -> None:
        """Replaces the elements of an array by those of the process `source`, without a copy."""
        if self._watch is not None:
            with self._watch(what):
                self._communicator.Bcast(array, root=source)

    def sum_into(self, array: Any, what: str = "all-reduce") -> None:
        """Replaces the elements of an array by their sums over all processes, without a copy."""
        if self._watch is None:
            return
        from mpi4py import MPI

        with self._watch(what):
            self._communicator.Allreduce(MPI.IN_PLACE, array, op=MPI.SUM)

    def sum_at(self, array: Any, target: int, what: str = "reduce") -> None:
        """Replaces the elements of an array of the process `target` by their sums over all processes."""
        if self._watch is None:
            return
        from mpi4py import MPI

        with self._watch(what):
            if self.rank == target:
                self._communicator.Reduce(MPI.IN_PLACE, array, op=MPI.SUM, root=target)
            else:
                self._communicator.Reduce(array, None, op=MPI.SUM, root=target)

    def largest(self, values: Sequence[int], what: str = "all-reduce") -> list[int]:
        """The largest of each value over all processes."""
        if self._watch is None:
            return list(values)
        import numpy as np
        from mpi4py import MPI

        found = np.array(values, np.int64)
        with self._watch(what):
            self._communicator.Allreduce(MPI.IN_PLACE, found, op=MPI.MAX)
        return [int(value) for value in found]

    def total(self, value: float, what: str = "all-reduce") -> float:
        """The sum of a number over all processes."""
        return float(sum(self.gather(value, what)))

    def _finish(self) -> None:
        """Waits for the other processes before MPI ends, which would hang without them."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.finish()


def _abort_on_exceptions(mpi: Any) -> None:
    """Ends the job with an exception that ends this process: the others would wait for it."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
        before(kind, error, traceback)
        sys.stderr.flush()
        mpi.COMM_WORLD.Abort(130 if issubclass(kind, KeyboardInterrupt) else 1)

    sys.excepthook = hook


def _refuse_other_launchers() -> None:
    size = os.environ.get("WORLD_SIZE")
    if _number(size) > 1:
        raise UnsupportedError(
            f"not supported: WORLD_SIZE={size} without MPI, as torchrun and accelerate set it; start the processes "
            f"with `trustformers launch -n {size} SCRIPT`"
        )


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdigit() else 0


def check_rank(name: str, rank: int) -> int:
    """The rank, which is that of a process.

    Raises
    ------
    InputError
        There is no such process.
    """
    if isinstance(rank, bool) or not isinstance(rank, int) or not 0 <= rank < world().size:
        raise InputError(f"{name}: expected a rank from 0 to {world().size - 1}, found {rank!r}")
    return rank
