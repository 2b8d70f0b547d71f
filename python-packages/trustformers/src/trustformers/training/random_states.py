"""The states of the random number generators that data sets and collators draw from."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from trustformers.runtime.generators import Generator, default_generator

__all__ = ["plain", "random_states", "restore_random_states"]

# Attributes with the collator that another one calls.
_INNER = ("data_collator", "collator")


def random_states(collator: Any = None) -> dict[str, Any]:
    """The states of the generators of Python, NumPy, data loaders and a collator.

    Parameters
    ----------
    collator
        A collator, which may have a `generator` of its own, or call one that has.
    """
    found: dict[str, Any] = {
        "python": random.getstate(),
        "numpy": np.random.get_state(legacy=False),
        "loader": default_generator.get_state(),
    }
    own = getattr(_with_generator(collator), "generator", None)
    if isinstance(own, Generator):
        found["collator"] = own.get_state()
    elif isinstance(own, np.random.Generator):
        found["collator"] = own.bit_generator.state
    return found


def restore_random_states(found: dict[str, Any], collator: Any = None) -> None:
    """Continues from states of `random_states` or `plain`; generators without one stay as they are.

    Parameters
    ----------
    found
        The states.
    collator
        As in `random_states`.
    """
    if "python" in found:
        version, words, gauss = found["python"]
        random.setstate((version, tuple(words), gauss))
    if "numpy" in found:
        np.random.set_state(_arrays(found["numpy"]))
    if "loader" in found:
        default_generator.set_state(found["loader"])
    owner = _with_generator(collator)
    if owner is None:
        return
    state = found.get("collator")
    # A collator makes its generator with its first batch.
    if state is None:
        owner.generator = None
    elif isinstance(state, list):
        owner.generator = Generator()
        owner.generator.set_state(state)
    else:
        bits = getattr(np.random, state["bit_generator"])()
        bits.state = _arrays(state)
        owner.generator = np.random.Generator(bits)


def _with_generator(collator: Any) -> Any:
    """The collator that has a `generator`."""
    while collator is not None:
        if hasattr(collator, "generator"):
            return collator
        collator = next((getattr(collator, name) for name in _INNER if hasattr(collator, name)), None)
    return None


def plain(value: Any) -> Any:
    """States as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [plain(inner) for inner in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


def _arrays(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _arrays(inner) for key, inner in value.items()}
    return np.array(value, np.uint32) if isinstance(value, list) else value
