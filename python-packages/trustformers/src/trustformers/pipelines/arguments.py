"""Checks of the arguments of pipelines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TypedDict

from trustformers._checks.arguments import flag, kind, strategy, strings
from trustformers.errors import InputError
from trustformers.tokenizers.padding import padding_strategy

Check = Callable[[str, object], object]


class CallOptions(TypedDict, total=False):
    """Arguments of every pipeline, of the constructor and of calls."""

    batch_size: int | None
    num_workers: int | None


class TokenizerOptions(TypedDict, total=False):
    """Arguments of the tokenizer."""

    truncation: bool | str | None
    max_length: int | None
    padding: bool | str | None
    add_special_tokens: bool


def count(name: str, value: object, minimum: int = 0) -> int:
    """An int of at least `minimum`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"{name}: expected an int, found {kind(value)}")
    if not minimum <= value <= sys.maxsize:
        raise InputError(f"{name}: expected at least {minimum}, found {value}")
    return value


def positive(name: str, value: object) -> int:
    """An int of at least 1."""
    return count(name, value, 1)


def optional(check: Check) -> Check:
    """A check that also accepts None."""
    return lambda name, value: None if value is None else check(name, value)


def listed(name: str, value: object) -> list[str]:
    """A str or a list of str, as a list."""
    return [value] if isinstance(value, str) else strings(name, value)


def text(name: str, value: object) -> str:
    """A str."""
    if isinstance(value, str):
        return value
    raise InputError(f"{name}: expected a str, found {kind(value)}")


def name_of(name: str, value: object) -> str:
    """A name in lower case, given as a str or a member of an enumeration."""
    return text(name, getattr(value, "value", value)).lower()


def _truncation(name: str, value: object) -> str:
    return strategy(name, value, on="longest_first", off="do_not_truncate")


def _padding(_name: str, value: object) -> str:
    return padding_strategy(value)


# Without effect: the engine computes no padding.
WITHOUT_EFFECT: Mapping[str, Check] = {"padding": optional(_padding)}
TOKENIZER: Mapping[str, Check] = {
    "truncation": optional(_truncation),
    "max_length": optional(count),
    "add_special_tokens": flag,
    **WITHOUT_EFFECT,
}


def checked(owner: str, given: Mapping[str, object], checks: Mapping[str, Check]) -> dict[str, object]:
    """The checked arguments, without those that have no effect.

    Raises
    ------
    TypeError
        An argument is unknown.
    """
    if unknown := [str(name) for name in given if name not in checks]:
        raise TypeError(f"{owner} got unexpected keyword arguments: {', '.join(unknown)}")
    values = {name: checks[name](name, value) for name, value in given.items()}
    return {name: value for name, value in values.items() if name not in WITHOUT_EFFECT}


def tokenizer_kwargs(name: str, value: object) -> dict[str, object]:
    """Arguments of a tokenizer, given as a mapping."""
    if not isinstance(value, Mapping):
        raise InputError(f"{name}: expected a mapping, found {kind(value)}")
    return checked(name, value, TOKENIZER)
