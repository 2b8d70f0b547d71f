"""Background jobs, which can be awaited."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

__all__ = ["Job"]

T = TypeVar("T")

_EXECUTORS: dict[int, ThreadPoolExecutor] = {}
# The engine has threads of its own; these only wait for it.
_WAITING_THREADS = 64


class Job(Generic[T]):
    """A call that runs in the background: `await job`, or `job.result()` without an event loop.

    Cancelling the task that awaits it cancels the job. Generation then ends within a step; other work that has started,
    such as loading a model, continues, and its result is dropped.
    """

    def __init__(self, future: Future[T], cancel: Callable[[], None] | None = None) -> None:
        self._future = future
        self._cancel = cancel

    @classmethod
    def run(cls, work: Callable[[], T], cancel: Callable[[], None] | None = None) -> Job[T]:
        """A job that runs `work` on a thread; `cancel` asks it to end early."""
        # Threads do not survive a fork.
        executor = _EXECUTORS.setdefault(os.getpid(), ThreadPoolExecutor(_WAITING_THREADS, "trustformers"))
        return cls(executor.submit(work), cancel)

    def result(self, timeout: float | None = None) -> T:
        """Waits for the call and returns its result, or raises its exception."""
        return self._future.result(timeout)

    def done(self) -> bool:
        """Whether the call has ended."""
        return self._future.done()

    def cancel(self) -> None:
        """Cancels a call that has not started, or ends a generation early."""
        self._future.cancel()
        if self._cancel is not None:
            self._cancel()

    def __await__(self) -> Generator[Any, None, T]:
        future = asyncio.wrap_future(self._future)

        def on_done(done: asyncio.Future[T]) -> None:
            if done.cancelled():
                self.cancel()

        future.add_done_callback(on_done)
        return future.__await__()
