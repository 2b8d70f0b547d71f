"""Streams of the text or tokens that one generation yields."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trustformers import _native

__all__ = ["AsyncTokenStream", "TokenStream"]


class TokenStream(Iterator[Any]):
    """An iterator over the text or tokens of one generation, as they are generated."""

    def __init__(self, submit: Callable[[Callable[[str, Any], None]], _native.Request]) -> None:
        queue: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._queue = queue
        self._request = submit(lambda kind, value: queue.put((kind, value)))
        self._is_open = True
        self.finish_reason: str | None = None

    def __next__(self) -> Any:
        if not self._is_open:
            raise StopIteration
        kind, value = self._queue.get()
        if kind in ("token", "text"):
            return value
        self._is_open = False
        if kind == "error":
            raise value
        self.finish_reason = value
        raise StopIteration

    def close(self) -> None:
        """Ends the generation."""
        self._is_open = False
        self._request.cancel()

    def __enter__(self) -> TokenStream:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        if "_request" in self.__dict__:
            self._request.cancel()


class AsyncTokenStream(AsyncIterator[Any]):
    """An asynchronous iterator over the text or tokens of one generation, as they are generated."""

    def __init__(self, submit: Callable[[Callable[[str, Any], None]], _native.Request]) -> None:
        self._submit = submit
        self._request: _native.Request | None = None
        self._is_open = True
        self.finish_reason: str | None = None

    async def __anext__(self) -> Any:
        if self._request is None:
            loop = asyncio.get_running_loop()
            queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
            self._queue = queue

            def sink(kind: str, value: Any) -> None:
                loop.call_soon_threadsafe(queue.put_nowait, (kind, value))

            self._request = self._submit(sink)
        if not self._is_open:
            raise StopAsyncIteration
        try:
            kind, value = await self._queue.get()
        except asyncio.CancelledError:
            await self.aclose()
            raise
        if kind in ("token", "text"):
            return value
        self._is_open = False
        if kind == "error":
            raise value
        self.finish_reason = value
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Ends the generation."""
        self._is_open = False
        if self._request is not None:
            self._request.cancel()

    def __del__(self) -> None:
        if self.__dict__.get("_request") is not None and self._request is not None:
            self._request.cancel()
