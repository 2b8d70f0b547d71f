"""The seeds of dropout, one for each call of a model in training mode."""

from __future__ import annotations

import os
import threading

__all__ = ["next_seed", "restart", "restore", "state"]

_LOCK = threading.Lock()
# The seed, and the number of calls since.
_STATE = [int.from_bytes(os.urandom(4), "big"), 0]


def restart(seed: int) -> None:
    """Begins the seeds of another number."""
    restore([seed, 0])


def next_seed() -> int:
    """The seed of the next call."""
    with _LOCK:
        _STATE[1] += 1
        return (_STATE[0] << 32 | _STATE[1] & 0xFFFFFFFF) & (2**64 - 1)


def state() -> list[int]:
    """What `restore` continues from."""
    with _LOCK:
        return list(_STATE)


def restore(found: list[int]) -> None:
    """Continues from a state."""
    with _LOCK:
        _STATE[:] = found
