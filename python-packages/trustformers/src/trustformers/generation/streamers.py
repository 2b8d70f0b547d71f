"""Streamers, which receive tokens as they are generated."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import as_array
from trustformers.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustformers._views.generation_streamers import *  # noqa: F403
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast

__all__ = ["AsyncTextIteratorStreamer", "BaseStreamer", "TextIteratorStreamer", "TextStreamer"]


class BaseStreamer:
    """Base of the objects that `generate(streamer=...)` calls."""

    def put(self, value: Any) -> None:
        """Receives the prompts of shape (batch, seq), and then the tokens of each step, of shape (batch,)."""
        raise NotImplementedError

    def end(self) -> None:
        """Ends the stream."""
        raise NotImplementedError


@contextmanager
def failures_reach(streamer: Any) -> Iterator[None]:
    """Hands an error to a streamer whose reader is in another thread, and would wait for text without end."""
    try:
        yield
    except BaseException as error:
        if isinstance(streamer, (TextIteratorStreamer, AsyncTextIteratorStreamer)):
            streamer._fail(error)
        raise


class TextStreamer(BaseStreamer):
    """Prints the text of one sequence as it is generated, in whole words.

    Parameters
    ----------
    tokenizer
        Decodes the tokens.
    skip_prompt
        Whether to skip the prompt.
    **decode_kwargs
        Arguments of the tokenizer's `decode`.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, skip_prompt: bool = False, **decode_kwargs: Any) -> None:
        self.tokenizer = tokenizer
        self.skip_prompt = skip_prompt
        self.decode_kwargs = decode_kwargs
        # Not a method of self: a bound method would keep the streamer alive.
        self._text = _native.TextStream(partial(tokenizer.decode, **decode_kwargs))
        self.token_cache: list[int] = []
        self.print_len: int = 0
        self.next_tokens_are_prompt: bool = True

    def put(self, value: Any) -> None:
        """Receives tokens of one sequence."""
        tokens = np.asarray(as_array(value))
        if tokens.ndim > 1 and tokens.shape[0] > 1:
            raise InputError("streamer: only one sequence can be streamed as text, found a batch")
        if self.next_tokens_are_prompt and self.skip_prompt:
            self.next_tokens_are_prompt = False
            return
        self.on_finalized_text(self._changed(self._text.put(tokens.reshape(-1).tolist())))

    def end(self) -> None:
        """Emits the remaining text."""
        self.next_tokens_are_prompt = True
        self.on_finalized_text(self._changed(self._text.end()), stream_end=True)

    def _changed(self, text: str) -> str:
        self.token_cache, self.print_len = self._text.tokens, self._text.num_given
        return text

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Prints text that later tokens cannot change."""
        print(text, flush=True, end="\n" if stream_end else "")


class TextIteratorStreamer(TextStreamer):
    """Queues the text of one sequence, for another thread to iterate over.

    Parameters
    ----------
    tokenizer, skip_prompt, **decode_kwargs
        As for `TextStreamer`.
    timeout
        Seconds to wait for text before `queue.Empty` is raised; None waits forever. An error of `generate` is raised
        here too.
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        skip_prompt: bool = False,
        timeout: float | None = None,
        **decode_kwargs: Any,
    ) -> None:
        super().__init__(tokenizer, skip_prompt, **decode_kwargs)
        self.text_queue: Queue[str | BaseException | None] = Queue()
        self.stop_signal: None = None
        self.timeout = timeout

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Queues text that later tokens cannot change."""
        self.text_queue.put(text, timeout=self.timeout)
        if stream_end:
            self.text_queue.put(self.stop_signal, timeout=self.timeout)

    def _fail(self, error: BaseException) -> None:
        self.text_queue.put(error, timeout=self.timeout)

    def __iter__(self) -> TextIteratorStreamer:
        return self

    def __next__(self) -> str:
        try:
            value = self.text_queue.get(timeout=self.timeout)
        except Empty:
            raise Empty(f"no text within {self.timeout} seconds") from None
        if value is None:
            raise StopIteration
        if isinstance(value, BaseException):
            raise value
        return value


class AsyncTextIteratorStreamer(TextStreamer):
    """Queues the text of one sequence, which is generated in another thread, for `async for` in an event loop.

    Parameters
    ----------
    tokenizer, skip_prompt, **decode_kwargs
        As for `TextStreamer`.
    timeout
        Seconds to wait for text before `TimeoutError` is raised; None waits forever. An error of `generate` is raised
        here too.

    Raises
    ------
    RuntimeError
        No event loop is running.
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        skip_prompt: bool = False,
        timeout: float | None = None,
        **decode_kwargs: Any,
    ) -> None:
        super().__init__(tokenizer, skip_prompt, **decode_kwargs)
        self.text_queue: asyncio.Queue[str | BaseException | None] = asyncio.Queue()
        self.stop_signal: None = None
        self.timeout = timeout
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Queues text that later tokens cannot change."""
        self.loop.call_soon_threadsafe(self.text_queue.put_nowait, text)
        if stream_end:
            self.loop.call_soon_threadsafe(self.text_queue.put_nowait, self.stop_signal)

    def _fail(self, error: BaseException) -> None:
        with suppress(RuntimeError):  # The loop is closed: nobody reads.
            self.loop.call_soon_threadsafe(self.text_queue.put_nowait, error)

    def __aiter__(self) -> AsyncTextIteratorStreamer:
        return self

    async def __anext__(self) -> str:
        try:
            value = await asyncio.wait_for(self.text_queue.get(), self.timeout)
        except asyncio.TimeoutError:
            # Before Python 3.11 asyncio has an error of its own.
            raise TimeoutError(f"no text within {self.timeout} seconds") from None
        if value is None:
            raise StopAsyncIteration
        if isinstance(value, BaseException):
            raise value
        return value
