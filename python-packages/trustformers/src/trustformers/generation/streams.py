"""Iterators over the text or tokens of one generation."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trustformers import _native

__all__ = ["AsyncTokenStream", "TokenStream"]


class TokenStream(Iterator[Any]):
    """An iterator over the text or tokens of one generation, as they are generated."""

    def __init__(self, stream: _native.GenerationStream) -> None:
        self._stream = stream
        self._pieces: deque[Any] = deque()
        self._is_open = True
        self.finish_reason: str | None = None

    def __next__(self) -> Any:
        if self._is_open and not self._pieces:
            self._pieces.extend(self._stream.receive(wait=True))
            self._is_open = bool(self._pieces)
            self.finish_reason = self._stream.finish_reason
        if not self._is_open:
            raise StopIteration
        return self._pieces.popleft()

    def close(self) -> None:
        """Ends the generation."""
        self._is_open = False
        self._stream.cancel()

    def __enter__(self) -> TokenStream:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


class AsyncTokenStream(AsyncIterator[Any]):
    """An asynchronous iterator over the text or tokens of one generation, as they are generated."""

    def __init__(self, submit: Callable[[Callable[[], object]], _native.GenerationStream]) -> None:
        self._submit = submit
        self._stream: _native.GenerationStream | None = None
        self._pieces: deque[Any] = deque()
        self._is_open = True
        self.finish_reason: str | None = None

    async def __anext__(self) -> Any:
        if self._stream is None:
            loop = asyncio.get_running_loop()
            ready = self._ready = asyncio.Event()
            self._stream = self._submit(lambda: loop.call_soon_threadsafe(ready.set))
        while self._is_open and not self._pieces:
            self._ready.clear()
            self._is_open = False
            self._pieces.extend(self._stream.receive(wait=False))
            self.finish_reason = self._stream.finish_reason
            self._is_open = self.finish_reason is None
            if self._is_open and not self._pieces:
                await self._wait()
        if not self._is_open:
            raise StopAsyncIteration
        return self._pieces.popleft()

    async def _wait(self) -> None:
        try:
            await self._ready.wait()
        except asyncio.CancelledError:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Ends the generation."""
        self._is_open = False
        if self._stream is not None:
            self._stream.cancel()
