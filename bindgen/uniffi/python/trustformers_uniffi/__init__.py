"""The engine through ctypes, for interpreters that cannot load an extension module."""

from collections.abc import AsyncIterator, Iterator

from .trustformers import *  # noqa: F403  # everything that the generated module exports
from .trustformers import TextStream


def _texts(stream: TextStream) -> Iterator[str]:
    while (text := stream.next_text()) is not None:
        yield text


async def _texts_async(stream: TextStream) -> AsyncIterator[str]:
    while (text := await stream.next_text_async()) is not None:
        yield text


TextStream.__iter__ = _texts  # type: ignore[method-assign]
TextStream.__aiter__ = _texts_async  # type: ignore[attr-defined]
