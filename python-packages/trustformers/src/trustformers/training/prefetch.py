"""Batches that a thread makes ahead."""

from __future__ import annotations

import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from trustformers.training.random_states import random_states, restore_random_states

__all__ = ["Batches", "Made", "Source", "settle_all"]

# The number of workers from which on examples are read in parallel.
_PARALLEL = 2


class Source(NamedTuple):
    """How batches are made.

    Attributes
    ----------
    plan
        The place of each batch, such as the indices of its examples.
    read, collate
        Read the examples of a place, and make a batch of them.
    workers
        The number of threads that read; with 0 or 1, the thread that makes batches reads.
    depth
        How many batches are made ahead; with 0 there is no thread.
    is_indexed
        Whether places are indices; otherwise they are the examples, for which the caller may have to wait.
    """

    plan: Iterator[Any]
    read: Callable[[Any], Any]
    collate: Callable[[Any], Any]
    workers: int
    depth: int
    is_indexed: bool


class Made(NamedTuple):
    """A batch, or an exception in its place, and the states of random number generators before it was made."""

    place: Any
    states: dict[str, Any]
    batch: Any
    error: BaseException | None


class _Raised(NamedTuple):
    """A place whose search has raised an exception."""

    error: BaseException


class Batches:
    """The batches of one iteration, which a thread makes ahead.

    An exception reaches the caller at its batch. The thread ends with the last batch, an exception or `close`.

    transformers makes one batch more than it uses before anything else draws random numbers. `settle` does the same:
    it forgets what else was made ahead and what was drawn for it, so that no number depends on the speed of threads.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._made: deque[Made] = deque()
        self._again: deque[Any] = deque()
        self._reading: deque[tuple[Any, Future[Any] | None]] = deque()
        self._pool: ThreadPoolExecutor | None = None
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._is_stopping = False
        self._is_finished = False
        self.owner: int = threading.get_ident()
        _active.add(self)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._thread is None and self._source.depth and not self._is_finished:
            # A daemon, since a program may end in the middle of an iteration.
            self._thread = threading.Thread(target=self._run, name="trustformers-batches", daemon=True)
            self._is_stopping = False
            self._thread.start()
        elif not self._source.depth and not self._made:
            self._make()
        with self._changed:
            while not self._made and not self._is_finished:
                self._changed.wait()
            made = self._made.popleft() if self._made else None
            self._changed.notify_all()
        if made is not None and made.error is None:
            return made.batch
        self.close()
        raise StopIteration if made is None or made.error is None else made.error

    def close(self) -> Made | None:
        """Ends the threads after the batch that they make, and returns the next batch if it is known."""
        made = None
        if self.owner == threading.get_ident() and self._source.is_indexed and not sys.is_finalizing():
            # As if the iteration went on, so that the next numbers are the same.
            made = self.settle()
        self._stop()
        self._is_finished = True
        self._made.clear()
        _active.discard(self)
        return made

    def settle(self) -> Made | None:
        """The next batch, which is made but not used, with no other made ahead; None after the last one."""
        self._stop()
        if not self._made:
            self._make()
        if not self._made:
            return None
        first, *others = self._made
        if others:
            self._again.extendleft(made.place for made in reversed(others))
            self._is_finished = False
            self._made = deque([first])
            restore_random_states(others[0].states, self._source.collate)
        return first

    def _stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            with self._changed:
                self._is_stopping = True
                self._changed.notify_all()
            # The garbage collector may close an iteration in its own thread.
            if threading.current_thread() is not thread:
                thread.join()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
        self._again.extendleft(place for place, _ in reversed(self._reading))
        self._reading.clear()

    def _run(self) -> None:
        while self._has_room() and self._make():
            pass

    def _has_room(self) -> bool:
        with self._changed:
            while len(self._made) >= self._source.depth and not self._is_stopping:
                self._changed.wait()
            return not self._is_stopping

    def _make(self) -> bool:
        """Makes the next batch; False if nothing follows."""
        if self._is_finished:
            return False
        states = random_states(self._source.collate)
        self._read_ahead()
        made = None
        if self._reading:
            place, future = self._reading[0]
            batch, error = None, None
            try:
                if isinstance(place, _Raised):
                    raise place.error
                batch = self._source.collate(self._source.read(place) if future is None else future.result())
            except BaseException as raised:  # raised again in the caller's thread
                error = raised
                if isinstance(raised, StopIteration):
                    # It would end the caller's loop as if there were no more batches.
                    error = RuntimeError("the data set or the collator raised StopIteration")
                    error.__cause__ = raised
            self._reading.popleft()
            made = Made(place, states, batch, error)
        with self._changed:
            if made is not None:
                self._made.append(made)
            self._is_finished = made is None or made.error is not None
            self._changed.notify_all()
        return not self._is_finished

    def _read_ahead(self) -> None:
        """Takes the place of the next batch; with workers, those of the next batches too."""
        is_parallel = self._source.workers >= _PARALLEL and self._source.depth > 0
        while len(self._reading) < (self._source.depth if is_parallel else 1):
            try:
                place = self._again.popleft() if self._again else next(self._source.plan)
            except StopIteration:
                return
            except BaseException as raised:  # raised again in the caller's thread
                place = _Raised(raised)
            future = None
            if is_parallel and not isinstance(place, _Raised):
                self._pool = self._pool or ThreadPoolExecutor(self._source.workers, "trustformers-examples")
                future = self._pool.submit(self._source.read, place)
            self._reading.append((place, future))
            if isinstance(place, _Raised):
                return


_active: weakref.WeakSet[Batches] = weakref.WeakSet()


def settle_all() -> None:
    """Settles the iterations of the current thread."""
    for batches in list(_active):
        if batches.owner == threading.get_ident():
            batches.settle()
