"""Fields of a generation output by sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers._checks.tensors import as_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustformers.models.outputs import ModelOutput

__all__ = ["fields_by_sequence"]


def fields_by_sequence(output: ModelOutput, count: int) -> dict[str, NDArray[Any]]:
    """The array fields of an output except `sequences`, by sequence."""
    fields: dict[str, NDArray[Any]] = {}
    for name, value in output.items():
        # Beam search has one row per beam in each step, not one per sequence.
        steps = isinstance(value, tuple) and len(value) > 0 and len(value[0]) == count
        array = np.stack([as_array(step) for step in value], 1) if steps else as_array(value)
        if name != "sequences" and isinstance(array, np.ndarray):
            fields[name] = array
    return fields
