"""The commands `trustformers generate` and `trustformers chat`."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers.errors import InputError, TrustformersError
from trustformers.models.auto import AutoModelForCausalLM, AutoModelForSeq2SeqLM
from trustformers.models.auto_config import AutoConfig
from trustformers.pipelines.generation_arguments import with_defaults
from trustformers.tokenizers.auto import AutoTokenizer

if TYPE_CHECKING:
    import argparse

__all__ = ["chat", "generate"]


def generate(arguments: argparse.Namespace) -> None:
    """Prints the continuation of a text, or what an encoder-decoder makes of it.

    Raises
    ------
    TrustformersError
        The model cannot be loaded, or an argument is invalid for it.
    """
    _Writer(arguments).write(arguments.prompt, [])


def chat(arguments: argparse.Namespace) -> None:
    """Answers each line of stdin until it ends or a line is `/exit`.

    Raises
    ------
    TrustformersError
        As for `generate`; the tokenizer has no chat template; or an answer fails while stdin is not a terminal.
    """
    writer = _Writer(arguments)
    if writer.tokenizer.chat_template is None:
        raise InputError(f"{arguments.model}: the tokenizer has no chat_template; trustformers generate needs none")
    is_terminal = sys.stdin.isatty()
    initial = [] if arguments.system is None else [{"role": "system", "content": arguments.system}]
    messages = initial
    for line in _terminal_lines() if is_terminal else sys.stdin:
        text = line.strip()
        if text == "/exit":
            return
        if text == "/clear":
            messages = initial
        if text in ("", "/clear"):
            continue
        prompt = [*messages, {"role": "user", "content": text}]
        answer: list[str] = []
        try:
            writer.write(writer.encoded(prompt), answer)
        except KeyboardInterrupt:
            pass
        except TrustformersError as error:
            if not is_terminal:
                raise
            print(f"trustformers: {error}", file=sys.stderr)
            continue
        messages = [*prompt, {"role": "assistant", "content": "".join(answer)}]


class _Writer:
    """Prints a model's continuations of prompts."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        kwargs = _generate_kwargs(arguments)
        auto: Any = AutoModelForCausalLM
        if _has_encoder(arguments.model):
            auto = AutoModelForSeq2SeqLM
            # Beams cannot be printed as they are generated.
            kwargs = {"num_beams": 1, "do_sample": False, **kwargs}
        self.model = auto.from_pretrained(
            arguments.model,
            device=arguments.device,
            dtype=arguments.dtype,
            load_in_8bit=arguments.load_in_8bit,
            load_in_4bit=arguments.load_in_4bit,
        )
        self.tokenizer = AutoTokenizer.from_pretrained(arguments.model)
        self._streams: bool = arguments.stream
        self._options = with_defaults(self.model, self.tokenizer, kwargs)
        if arguments.seed is not None:
            if arguments.seed < 0:
                raise InputError(f"--seed: expected at least 0, found {arguments.seed}")
            # Each answer of a chat is sampled with a seed of its own.
            self._options["generator"] = np.random.default_rng(arguments.seed)

    def encoded(self, messages: list[dict[str, str]]) -> list[int]:
        """The tokens of a conversation up to the start of the answer."""
        ids: list[int] = self.tokenizer.apply_chat_template(messages, add_generation_prompt=True)["input_ids"]
        return ids

    def write(self, prompt: str | list[int], parts: list[str]) -> None:
        """Writes the continuation, and adds it to `parts` as it is generated, so that Ctrl-C loses nothing."""
        with self.model.stream(prompt, tokenizer=self.tokenizer, **self._options) as stream:
            try:
                for part in stream:
                    parts.append(part)
                    if self._streams:
                        print(part, end="", flush=True)
            except BaseException:
                if parts:
                    self._end(parts)
                raise
        self._end(parts)

    def _end(self, parts: list[str]) -> None:
        print("" if self._streams else "".join(parts), flush=True)


def _generate_kwargs(arguments: argparse.Namespace) -> dict[str, Any]:
    """Arguments of `generate`: temperature 0 is greedy search, other sampling options imply `do_sample`."""
    given = {"max_new_tokens": arguments.max_new_tokens}
    if arguments.temperature == 0:
        given["do_sample"] = False
    else:
        given |= {name: getattr(arguments, name) for name in ("temperature", "top_p", "top_k")}
        if any(given[name] is not None for name in ("temperature", "top_p", "top_k")):
            given["do_sample"] = True
    return {name: value for name, value in given.items() if value is not None}


def _has_encoder(model: str) -> bool:
    try:
        config = AutoConfig.from_pretrained(model)
    except TrustformersError:
        # Loading reports the error, if it is one: an adapter has no configuration of its own.
        return False
    return bool(getattr(config, "is_encoder_decoder", False))


def _terminal_lines() -> Iterator[str]:
    """Lines typed on a terminal."""
    # readline adds line editing and history; not every Python has it.
    with contextlib.suppress(ImportError):
        importlib.import_module("readline")
    print("/clear starts a new conversation, /exit or Ctrl-D quits, Ctrl-C stops an answer", file=sys.stderr)
    while True:
        try:
            yield input("> ")
        except KeyboardInterrupt:
            print()
        except EOFError:
            print()
            return
