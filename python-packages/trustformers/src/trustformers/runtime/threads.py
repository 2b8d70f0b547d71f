"""The number of threads of the engine."""

from __future__ import annotations

import sys

from trustformers import _native
from trustformers._checks.arguments import kind
from trustformers.errors import InputError

__all__ = ["get_num_threads", "set_num_threads"]


def get_num_threads() -> int:
    """The number of threads that the engine uses.

    Set by `set_num_threads`, or else by the environment variable `TRUSTFORMERS_NUM_THREADS`; by default, and at most,
    the number of cores that the process may use.
    """
    return _native.num_threads()


def set_num_threads(num_threads: int) -> None:
    """Sets the number of threads that the engine uses from now on, in the whole process.

    Parameters
    ----------
    num_threads
        At least 1; limited to the number of cores that the process may use.

    Raises
    ------
    InputError
        The number is not an int or is less than 1.
    """
    if isinstance(num_threads, bool) or not isinstance(num_threads, int) or num_threads < 1:
        raise InputError(f"num_threads: expected an int of at least 1, found {kind(num_threads)}")
    _native.set_num_threads(min(num_threads, sys.maxsize))
