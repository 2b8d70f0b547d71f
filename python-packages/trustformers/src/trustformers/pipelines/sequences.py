"""Fields of a generation output by sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from trustformers.models.outputs import ModelOutput

__all__ = ["fields_by_sequence"]


def fields_by_sequence(output: ModelOutput, count: int) -> dict[str, list[Any]]:
    """The array fields of an output except `sequences`, by sequence."""
    fields: dict[str, list[Any]] = {}
    for name, value in output.items():
        # Beam search has one row per beam in each step, not one per sequence.
        steps = isinstance(value, tuple) and len(value) > 0 and len(value[0]) == count
        array = np.stack(value, 1) if steps else value
        if name != "sequences" and isinstance(array, np.ndarray):
            fields[name] = array.tolist()
    return fields
