"""A thread that ends the job when processes do not arrive at an operation."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

from contextlib import contextmanager

__all__ = ["Watch"]

_QUESTION, _ANSWER, _END = 1, 2, 3
# Seconds between looks, and until a process without an answer counts as lost.
_PERIOD, _PATIENCE = 0.25, 3.0


class _Limits(Protocol):
    timeout: float
    rank: int
    size: int


class _State(NamedTuple):
    """The number of operations that a process has begun, the one that it is in, and its machine."""

    number: int
    operation: str | None
    host: str


class Watch:
    """Notes the operations that this process waits in, and answers others that ask.

    A process that waits longer than the time-out asks where the others are, prints it, and ends the job. So does one
    that waits for a process whose program has ended.

    Parameters
    ----------
    communicator
        A communicator of its own.
    world
        The processes, with the time-out.
    """

    def __init__(self, communicator: Any, world: _Limits) -> None:
        from mpi4py import MPI

        self._communicator, self._world = communicator, world
        self._host = os.uname().nodename if hasattr(os, "uname") else ""
        self._count = 0
        self._operation: str | None = None
        self._since = 0.0
        self._is_ended = False
        self._ends: dict[int, _State] = {}
        self._stop = threading.Event()
        # Without threads in MPI there is no time-out.
        self._thread: threading.Thread | None = None
        if MPI.Query_thread() == MPI.THREAD_MULTIPLE:
            self._thread = threading.Thread(target=self._run, name="trustformers-watch", daemon=True)
            self._thread.start()

    @contextmanager
    def __call__(self, operation: str) -> Iterator[None]:
        """A block in which this process waits for the others."""
        self._count += 1
        self._since = time.monotonic()
        self._operation = operation
        try:
            yield
        finally:
            self._operation = None

    def finish(self) -> None:
        """Waits until all processes are at the end of their programs, and ends the thread."""
        self._is_ended = True
        with self("end of the program"):
            others = [rank for rank in range(self._world.size) if rank != self._world.rank]
            sent = [self._communicator.isend(self._state(), rank, tag=_END) for rank in others]
            request = self._communicator.Ibarrier()
            while not request.Test():
                time.sleep(0.001)
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        for rank in others:
            if rank not in self._ends:
                self._communicator.recv(source=rank, tag=_END)
        for own in sent:
            own.wait()

    def _run(self) -> None:
        while not self._stop.wait(_PERIOD):
            self._answer()
            self._note_ends()
            waited = time.monotonic() - self._since
            # One process speaks for all that wait: the first of them, or the next if that one is stuck.
            if self._operation is not None and waited > self._world.timeout + self._world.rank * _PATIENCE:
                self._give_up(self._operation, waited)

    def _state(self) -> _State:
        operation = self._operation
        if operation is None and self._is_ended:
            operation = "end of the program"
        return _State(self._count, operation, self._host)

    def _answer(self) -> None:
        while self._communicator.iprobe(tag=_QUESTION):
            from mpi4py import MPI

            status = MPI.Status()
            self._communicator.recv(tag=_QUESTION, status=status)
            self._communicator.isend(self._state(), status.Get_source(), tag=_ANSWER)

    def _note_ends(self) -> None:
        """Ends the job if this process waits in an operation that another, whose program has ended, did not reach."""
        for rank in range(self._world.size):
            if rank not in self._ends and self._communicator.iprobe(source=rank, tag=_END):
                self._ends[rank] = self._communicator.recv(source=rank, tag=_END)
        operation, number = self._operation, self._count
        if operation is None or self._is_ended:
            return
        for rank, end in self._ends.items():
            if end.number <= number:
                self._end(
                    f"rank {self._world.rank} waits in operation {number}, {operation}, and the program of rank {rank} "
                    f"on {end.host} has ended before it."
                )

    def _end(self, reason: str) -> None:
        print(f"trustformers: {reason} The job ends.", file=sys.stderr, flush=True)
        self._communicator.Abort(1)

    def _give_up(self, operation: str, waited: float) -> None:
        number, others = self._count, [rank for rank in range(self._world.size) if rank != self._world.rank]
        requests = [self._communicator.isend(None, rank, tag=_QUESTION) for rank in others]
        states: dict[int, _State] = {}
        deadline = time.monotonic() + _PATIENCE
        while len(states) < len(others) and time.monotonic() < deadline:
            self._answer()
            for rank in others:
                if rank not in states and self._communicator.iprobe(source=rank, tag=_ANSWER):
                    states[rank] = self._communicator.recv(source=rank, tag=_ANSWER)
            time.sleep(0.01)
        del requests
        if self._operation is None or self._count != number:
            return
        missing = [
            _described(rank, states.get(rank)) for rank in others if not _is_there(states.get(rank), number, operation)
        ]
        message = "; ".join(missing) or "all ranks are there, and the operation does not end"
        self._end(
            f"rank {self._world.rank} has waited {waited:.0f} s in operation {number}, {operation}: {message}. The "
            f"time-out is {self._world.timeout:g} s (ddp_timeout)."
        )


def _is_there(state: _State | None, number: int, operation: str) -> bool:
    return state is not None and state.number >= number and state.operation == operation


def _described(rank: int, state: _State | None) -> str:
    if state is None:
        return f"rank {rank} does not answer"
    if state.operation is not None:
        return f"rank {rank} on {state.host} waits in operation {state.number}, {state.operation}"
    return f"rank {rank} on {state.host} has not come back since operation {state.number}"
