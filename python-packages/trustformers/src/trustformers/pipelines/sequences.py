"""Generated sequences by prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustformers.models.outputs import ModelOutput

__all__ = ["others_by_sequence", "rows_as_alone"]


def rows_as_alone(
    sequences: NDArray[np.int64], prompts: Sequence[Sequence[int]], said: Mapping[str, Any]
) -> list[list[list[int]]]:
    """The sequences of each prompt, without the padding that other prompts of the batch cause.

    Shapes: sequences [prompts * sequences of each, seq], with prompts that end in one column.
    """
    width = max(len(prompt) for prompt in prompts)
    count = len(sequences) // len(prompts)
    ends = said.get("eos_token_id")
    ends = set(ends) if isinstance(ends, (list, tuple)) else {ends}
    pad = said.get("pad_token_id")
    may_stop = any(said.get(name) for name in ("stop_strings", "stopping_criteria"))

    def length(tokens: list[int]) -> int:
        for index, token in enumerate(tokens):
            if token in ends:
                return index + 1
        found = len(tokens)
        while may_stop and found > 1 and tokens[found - 1] == pad:
            found -= 1
        return found

    rows = []
    for index, prompt in enumerate(prompts):
        # Without a token to begin with, generation begins with this one.
        begun = list(prompt) or [int(sequences[0, 0]) if width == 0 else said["bos_token_id"]]
        new = sequences[index * count : (index + 1) * count, max(width, 1) :].tolist()
        longest = max(map(length, new)) if len(prompts) > 1 else None
        rows.append([begun + tokens[:longest] for tokens in new])
    return rows


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
