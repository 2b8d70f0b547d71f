"""Decorators that put descriptions into docstrings, for classes that are written as those of transformers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = [
    "add_code_sample_docstrings",
    "add_end_docstrings",
    "add_start_docstrings",
    "add_start_docstrings_to_model_forward",
    "replace_return_docstrings",
]

_Described = TypeVar("_Described", bound=Callable[..., Any])


def _described(before: str = "", after: str = "") -> Callable[[_Described], _Described]:
    def decorator(described: _Described) -> _Described:
        described.__doc__ = f"{before}{described.__doc__ or ''}{after}"
        return described

    return decorator


def add_start_docstrings(*docstr: str) -> Callable[[_Described], _Described]:
    """A decorator that puts texts before the docstring of a class or a function."""
    return _described(before="".join(docstr))


def add_end_docstrings(*docstr: str) -> Callable[[_Described], _Described]:
    """A decorator that puts texts behind the docstring of a class or a function."""
    return _described(after="".join(docstr))


def add_start_docstrings_to_model_forward(*docstr: str) -> Callable[[_Described], _Described]:
    """A decorator that puts texts before the docstring of a `forward`."""
    return add_start_docstrings(*docstr)


def add_code_sample_docstrings(*docstr: str, **_sample: Any) -> Callable[[_Described], _Described]:
    """A decorator that puts texts behind the docstring of a `forward`; no example is made of the other arguments."""
    return add_end_docstrings(*docstr)


def replace_return_docstrings(output_type: Any = None, config_class: Any = None) -> Callable[[_Described], _Described]:
    """A decorator that leaves the docstring of a `forward` as it is, also where it has no text below `Returns`."""
    return _described()
