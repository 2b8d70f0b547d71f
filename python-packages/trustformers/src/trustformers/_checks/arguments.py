"""Checks of arguments."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from trustformers.errors import InputError


def text_rows(text: object, text_pair: object) -> tuple[list[str], list[str] | None, bool]:
    if isinstance(text, str):
        if text_pair is not None and not isinstance(text_pair, str):
            raise InputError(f"text_pair: expected a str beside a text, found {kind(text_pair)}")
        return [text], [text_pair] if text_pair else None, False
    if not isinstance(text, (list, tuple)):
        raise InputError(f"text: expected a str, a list of str or a list of pairs of str, found {kind(text)}")
    if text_pair is not None:
        return strings("text", text), strings("text_pair", text_pair), True
    if text and all(isinstance(row, (list, tuple)) and len(row) == 2 for row in text):
        return strings("text", [row[0] for row in text]), strings("text", [row[1] for row in text]), True
    return strings("text", text), None, True


def word_rows(text: object, text_pair: object) -> tuple[list[Any], list[Any] | None, bool]:
    if not isinstance(text, (list, tuple)):
        raise InputError(f"text: expected a list of words or a list of such lists, found {kind(text)}")
    if not text or not isinstance(text[0], (list, tuple)):
        return [strings("text", text)], [strings("text_pair", text_pair)] if text_pair else None, False
    if text_pair is not None:
        return _words("text", text), _words("text_pair", text_pair), True
    if all(isinstance(row, (list, tuple)) and len(row) == 2 and isinstance(row[0], (list, tuple)) for row in text):
        return _words("text", [row[0] for row in text]), _words("text", [row[1] for row in text]), True
    return _words("text", text), None, True


def _words(argument: str, rows: object) -> list[list[str]]:
    if not isinstance(rows, (list, tuple)):
        raise InputError(f"{argument}: expected a list of lists of words, found {kind(rows)}")
    return [strings(f"{argument}[{index}]", row) for index, row in enumerate(rows)]


def strings(argument: str, values: object) -> list[str]:
    if isinstance(values, str) or not isinstance(values, (list, tuple)):
        raise InputError(f"{argument}: expected a list of str, found {kind(values)}")
    for index, value in enumerate(values):
        if not isinstance(value, str):
            raise InputError(f"{argument}: expected str in row {index}, found {kind(value)}")
    return list(values)


def kind(value: object) -> str:
    if isinstance(value, (list, tuple)):
        inside = kind(value[0]) if value else "nothing"
        return f"a {type(value).__name__} of {inside}"
    return "None" if value is None else f"{type(value).__name__} {value!r:.40}"


def strategy(argument: str, value: object, *, on: str, off: str) -> str:
    if isinstance(value, bool):
        return on if value else off
    if isinstance(value, str):
        return value
    raise InputError(f"{argument}: expected a bool or the name of a strategy, found {kind(value)}")


def path(argument: str, value: object) -> str:
    if isinstance(value, (str, os.PathLike)):
        return str(os.fspath(value))
    raise InputError(f"{argument}: expected a path, found {kind(value)}")


def integers(argument: str, values: object) -> list[int]:
    """The ids of one sequence, from a list or an array."""
    listed = values.tolist() if hasattr(values, "tolist") else values
    if not isinstance(listed, (list, tuple)) or not all(type(value) is int for value in listed):
        raise InputError(f"{argument}: expected a list of ids (int), found {kind(listed)}")
    return list(listed)


def flag(argument: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise InputError(f"{argument}: expected a bool, found {kind(value)}")


def length(argument: str, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError(f"{argument}: expected a length (int) of at least 0, found {kind(value)}")
    return value


def listed_ids(ids: Any) -> list[Any]:
    if isinstance(ids, Mapping):
        ids = ids["input_ids"]
    if getattr(ids, "is_meta", False):
        raise InputError("token_ids: expected a tensor with elements, found one on the meta device")
    if hasattr(ids, "tolist"):
        ids = ids.tolist()
    if isinstance(ids, int):
        return [ids]
    if isinstance(ids, (list, tuple)):
        return [row.tolist() if hasattr(row, "tolist") else row for row in ids]
    raise InputError(f"token_ids: expected an integer, a list of integers or an array, found {kind(ids)}")


def half_surrogate(error: UnicodeEncodeError) -> InputError:
    """The error for a text that is not valid UTF-8."""
    half = error.object[error.start]
    return InputError(f"text: {half!r} at position {error.start} is half of a surrogate pair")
