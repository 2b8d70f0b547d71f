"""What modules of transformers have: the names that trustformers has of each, and why others are absent.

The tables are in `_reference_data.py`, which ci/compatibility.py writes: lines of a module or a reason, then names.
"""

from __future__ import annotations

from functools import cache

from trustformers import _reference_data as data

__all__ = ["home", "names", "paths", "reason_of_module", "reason_of_name"]


@cache
def _modules() -> dict[str, list[str]]:
    rows = (line.split() for line in data.MODULES.splitlines())
    return {path: found for path, *found in filter(None, rows)}


@cache
def _reasons(table: str) -> dict[str, str]:
    rows = (line.split() for line in table.splitlines())
    return {name: data.REASONS[int(index)] for index, *found in filter(None, rows) for name in found}


def paths() -> list[str]:
    """The modules of transformers that trustformers has."""
    return sorted(_modules().keys() - {"transformers"})


def names(path: str) -> list[str] | None:
    """The names that trustformers has of a module of transformers; None if it does not have the module."""
    return _modules().get(path or "transformers")


@cache
def _homes() -> dict[str, str]:
    rows = (line.split() for line in data.HOMES.splitlines())
    return {name: module for module, *found in filter(None, rows) for name in found}


def home(name: str) -> str | None:
    """The module of a name that only modules of transformers have."""
    return _homes().get(name)


def reason_of_name(name: str) -> str | None:
    """Why trustformers does not have a name of transformers; None if transformers has no such name either."""
    reasons = _reasons(data.ABSENT_NAMES)
    # transformers has one tokenizer under both names.
    plain = name.removesuffix("Fast") if name.endswith("TokenizerFast") else name
    return reasons.get(name) or reasons.get(plain)


def reason_of_module(path: str) -> str | None:
    """Why trustformers does not have a module of transformers; None if transformers has no such module either."""
    return _reasons(data.ABSENT_MODULES).get(path)
