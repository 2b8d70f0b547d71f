"""Copies of functions."""

from __future__ import annotations

import functools
from types import FunctionType

__all__ = ["copy_func"]


def copy_func(f: FunctionType) -> FunctionType:
    """A copy of a function, whose attributes can be changed without changing the function."""
    copied = FunctionType(f.__code__, f.__globals__, f.__name__, f.__defaults__, f.__closure__)
    copied.__kwdefaults__ = f.__kwdefaults__
    functools.update_wrapper(copied, f)
    return copied
