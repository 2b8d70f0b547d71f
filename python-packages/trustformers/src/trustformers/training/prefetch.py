"""Batches that are made ahead in threads."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

__all__ = ["Prefetcher", "ahead"]


class Prefetcher:
    """An iterator whose items a thread makes ahead.

    Exceptions of the items reach the caller at their place. The thread ends with the last item, an exception or
    `close`.

    Parameters
    ----------
    items
        The items; the thread iterates over them.
    depth
        How many items the thread makes ahead.
    """

    def __init__(self, items: Iterable[Any], depth: int) -> None:
        self._ready: deque[Any] = deque()
        self._changed = threading.Condition()
        self._depth = depth
        self._is_closed = False
        self._is_finished = False
        self._error: BaseException | None = None
        # A daemon, since a program may end in the middle of an iteration.
        self._thread = threading.Thread(target=self._run, args=(items,), name="trustformers-batches", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        with self._changed:
            while not self._ready and not self._is_finished:
                self._changed.wait()
            if self._ready:
                item = self._ready.popleft()
                self._changed.notify_all()
                return item
        self.close()
        error, self._error = self._error, None
        if error is not None:
            raise error
        raise StopIteration

    def close(self) -> None:
        """Ends the thread after the item that it is making."""
        with self._changed:
            self._is_closed = True
            self._ready.clear()
            self._changed.notify_all()
        # The garbage collector may close an iterator in its own thread.
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self, items: Iterable[Any]) -> None:
        source = iter(items)
        try:
            while self._has_room():
                item = next(source)
                with self._changed:
                    self._ready.append(item)
                    self._changed.notify_all()
        except StopIteration:
            pass
        except BaseException as error:  # raised again in the caller's thread
            self._error = error
        finally:
            close = getattr(source, "close", None)
            if close is not None:
                close()
            with self._changed:
                self._is_finished = True
                self._changed.notify_all()

    def _has_room(self) -> bool:
        with self._changed:
            while len(self._ready) >= self._depth and not self._is_closed:
                self._changed.wait()
            return not self._is_closed


def ahead(function: Callable[[Any], Any], arguments: Iterable[Any], workers: int, depth: int) -> Iterator[Any]:
    """The results of calls in their order, of which `workers` threads compute up to `depth` ahead."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix="trustformers-examples")
    pending: deque[Future[Any]] = deque()
    try:
        for argument in arguments:
            pending.append(pool.submit(function, argument))
            if len(pending) > depth:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
