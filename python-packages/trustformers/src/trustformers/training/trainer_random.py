"""The states of random number generators, from which a resumed training continues."""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from trustformers.errors import InputError
from trustformers.runtime.generators import default_generator

__all__ = ["TrackedCollator", "load_states", "restore_states", "save_states", "states"]


def states(collator: Any) -> dict[str, Any]:
    """The states of the generators of Python, NumPy, data loaders and a collator."""
    return {**_states_of_batches(collator), "loader": default_generator.get_state()}


def restore_states(found: dict[str, Any], collator: Any) -> None:
    """Continues from states of `states`; generators without one stay as they are."""
    _restore(found, collator)
    if "loader" in found:
        default_generator.set_state(found["loader"])


def save_states(path: Path, found: dict[str, Any]) -> None:
    """Writes states to a file."""
    path.write_text(json.dumps(found, default=lambda array: array.tolist()), encoding="utf-8")


def load_states(path: Path) -> dict[str, Any]:
    """Reads states from a file.

    Raises
    ------
    InputError
        It is not a file of `save_states`.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: expected states of random number generators as JSON, found {error}") from error
    return dict(found)


class TrackedCollator:
    """Calls a collator, and notes the generators' states after each batch.

    A thread makes batches ahead of the steps that use them, so the present states are not those of the last step.

    Parameters
    ----------
    collator
        The collator.
    source
        The collator that draws random numbers, which `collator` may call.
    """

    def __init__(self, collator: Callable[[list[Any]], Any], source: Any) -> None:
        self.collator, self._source = collator, source
        self._after: deque[dict[str, Any]] = deque()
        self._restored: dict[str, Any] | None = None

    def __call__(self, features: list[Any]) -> Any:
        """A batch of examples."""
        if self._restored is not None:
            _restore(self._restored, self._source)
            self._restored = None
        batch = self.collator(features)
        self._after.append(_states_of_batches(self._source))
        return batch

    def begin(self, found: dict[str, Any] | None) -> None:
        """Forgets the batches of an earlier iteration; the next one continues from states, if they are given."""
        self._after.clear()
        self._restored = found

    def used(self) -> dict[str, Any]:
        """The states after the first batch that was not used yet."""
        return self._after.popleft()


def _states_of_batches(collator: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"python": random.getstate(), "numpy": np.random.get_state(legacy=False)}
    if (generator := _own(collator)) is not None:
        found["collator"] = generator.bit_generator.state
    return found


def _restore(found: dict[str, Any], collator: Any) -> None:
    if "python" in found:
        version, words, gauss = found["python"]
        random.setstate((version, tuple(words), gauss))
    if "numpy" in found:
        np.random.set_state(_arrays(found["numpy"]))
    if "collator" in found and hasattr(collator, "generator"):
        # A collator makes its generator with its first batch.
        collator.generator = _own(collator) or np.random.default_rng()
        collator.generator.bit_generator.state = _arrays(found["collator"])


def _own(collator: Any) -> np.random.Generator | None:
    """The generator of a collator with a seed of its own."""
    found = getattr(collator, "generator", None)
    return found if isinstance(found, np.random.Generator) else None


def _arrays(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _arrays(inner) for key, inner in value.items()}
    return np.array(value, np.uint32) if isinstance(value, list) else value
