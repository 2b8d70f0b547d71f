"""Checks of the arguments of pipelines."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypedDict, TypeVar

from trustformers._checks.arguments import flag, kind, strategy, strings
from trustformers.errors import InputError
from trustformers.tokenizers.padding import padding_strategy

logger: logging.Logger = logging.getLogger("trustformers")

Check = Callable[[str, object], Any]


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


# Without effect on single texts: the engine computes no padding.
WITHOUT_EFFECT: Mapping[str, Check] = {"padding": optional(_padding)}
# The tokenizer's arguments that the engine's pipelines have.
TOKENIZER: Mapping[str, Check] = {
    "truncation": optional(_truncation),
    "max_length": optional(count),
    "add_special_tokens": flag,
    **WITHOUT_EFFECT,
}
# All others that a pipeline can pass to the tokenizer.
_TOKENIZER_ONLY = {
    "is_split_into_words",
    "pad_to_multiple_of",
    "padding_side",
    "return_attention_mask",
    "return_token_type_ids",
    "stride",
    "verbose",
}


def check_all(owner: str, given: Mapping[str, object], checks: Mapping[str, Check]) -> dict[str, Any]:
    """The arguments as checked.

    Raises
    ------
    TypeError
        An argument is unknown.
    """
    if unknown := [str(name) for name in given if name not in checks]:
        raise TypeError(f"{owner} got unexpected keyword arguments: {', '.join(unknown)}")
    return {name: checks[name](name, value) for name, value in given.items()}


def given_only(**arguments: Any) -> dict[str, Any]:
    """The arguments that are not None."""
    return {name: value for name, value in arguments.items() if value is not None}


def tokenizer_arguments(owner: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of the tokenizer, checked but unchanged.

    Raises
    ------
    TypeError
        An argument is unknown.
    """
    known = {name: value for name, value in given.items() if name not in _TOKENIZER_ONLY}
    check_all(owner, known, TOKENIZER)
    return {**given}


def tokenizer_kwargs(name: str, value: object) -> dict[str, Any]:
    """Arguments of the tokenizer, given as a mapping."""
    if not isinstance(value, Mapping):
        raise InputError(f"{name}: expected a mapping, found {kind(value)}")
    return tokenizer_arguments(name, value)


def ignored(owner: str, given: Mapping[str, Any], instead: str) -> None:
    """Warns of arguments of the tokenizer that a pipeline ignores, as in transformers.

    Raises
    ------
    TypeError
        An argument is unknown.
    """
    if given:
        tokenizer_arguments(owner, given)
        logger.warning("%s: without effect in the %s; %s", ", ".join(given), owner, instead)


def in_engine(given: Mapping[str, Any]) -> bool:
    """Whether the engine's pipelines have all of these arguments of the tokenizer."""
    return given.keys() <= TOKENIZER.keys()


def for_engine(given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of the tokenizer as those of the engine's pipelines."""
    values = {name: TOKENIZER[name](name, value) for name, value in given.items()}
    return {name: value for name, value in values.items() if name not in WITHOUT_EFFECT}


Member = TypeVar("Member", bound=Enum)


def member(name: str, value: object, members: type[Member]) -> Member:
    """A member of an enumeration, given as itself, as its value or as a member of another one with the same values."""
    found = name_of(name, value)
    known = {str(one.value): one for one in members}
    if found not in known:
        raise InputError(f"{name}: {value!r} is not one of {', '.join(known)}")
    return known[found]
