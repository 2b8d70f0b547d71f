"""Outputs of generation by sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from trustformers.models.outputs import ModelOutput

__all__ = ["others_by_sequence"]


def others_by_sequence(output: ModelOutput, count: int) -> dict[str, list[Any]]:
    """The other fields of an output, by sequence."""
    found: dict[str, list[Any]] = {}
    for name, value in output.items():
        # Steps of beams are as many rows as there are beams, not sequences.
        steps = isinstance(value, tuple) and len(value) > 0 and len(value[0]) == count
        array = np.stack(value, 1) if steps else value
        if name != "sequences" and isinstance(array, np.ndarray):
            found[name] = array.tolist()
    return found
