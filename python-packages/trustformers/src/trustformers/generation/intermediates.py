"""Hidden states and attention weights of the steps of `generate`.

The engine generates without them. They are computed from the sequences of each step afterwards, in one more pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from trustformers._checks.tensors import as_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Forward", "StepRecorder", "cache_windows", "sampled_steps", "step_values"]


Layers: TypeAlias = "Sequence[NDArray[np.float32]]"
# From token ids and their mask, (rows, seq), and the prompt of each row to the values of all layers by name.
Forward: TypeAlias = "Callable[[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp]], Mapping[str, Layers]]"


class StepRecorder:
    """A processor of scores that keeps the sequences which every step of beam search reads.

    Parameters
    ----------
    process
        The processor whose place it takes; None if there is none.
    """

    def __init__(self, process: Callable[[Any, Any], Any] | None) -> None:
        self._process = process
        # Token ids (rows, seq) of each step.
        self.steps: list[NDArray[np.int64]] = []

    def __call__(self, ids: Any, scores: Any) -> Any:
        """Keeps the token ids (rows, seq) of a step; returns the scores."""
        self.steps.append(np.array(as_array(ids)))
        return scores if self._process is None else self._process(ids, scores)


def sampled_steps(sequences: NDArray[np.int64], prompt_width: int) -> list[NDArray[np.int64]]:
    """The token ids (rows, seq) that each step reads to generate sequences one token after the other."""
    return [sequences[:, :width] for width in range(prompt_width, sequences.shape[1])]


def cache_windows(config: Any) -> list[int | None]:
    """The number of tokens that each layer's cache keeps; None where it keeps all."""
    window = getattr(config, "sliding_window", None)
    kinds = getattr(config, "layer_types", None)
    if kinds is None:
        kinds = ["sliding_attention" if window else "full_attention"] * config.num_hidden_layers
    return [window if kind == "sliding_attention" else None for kind in kinds]


def step_values(
    forward: Forward,
    steps: Sequence[NDArray[np.int64]],
    mask: NDArray[np.int64],
    *,
    cached: int | None,
    windows: Sequence[int | None] = (),
) -> dict[str, tuple[tuple[NDArray[np.float32], ...], ...]]:
    """The values of every step, of all layers, by name.

    Parameters
    ----------
    forward
        Computes the values of whole sequences.
    steps
        Token ids (rows, seq) of each step; not empty.
    mask
        The attention mask of the prompts, (prompts, seq).
    cached
        Number of tokens that the first step does not compute; None if every step computes whole sequences.
    windows
        For each layer the number of tokens that its cache keeps, or None; may be shorter than the layers.
    """
    found: dict[str, list[list[NDArray[np.float32]]]] = {}
    num_rows = len(steps[0])
    leaves, homes = _leaves(steps, num_rows // len(mask))
    for start in range(0, len(leaves), num_rows):
        ids, seen, prompts = _padded(leaves[start : start + num_rows], mask)
        for name, layers in forward(ids, seen, prompts).items():
            values = found.setdefault(name, [[] for _ in steps])
            _scatter(values, layers, steps, homes - start, _Part(name, cached, windows))
    return {name: tuple(map(tuple, of_steps)) for name, of_steps in found.items()}


class _Part(NamedTuple):
    """What one step computes of the values of whole sequences."""

    name: str
    cached: int | None
    windows: Sequence[int | None]

    def of(self, values: NDArray[np.float32], layer: int, step: int, width: int) -> NDArray[np.float32]:
        """Shapes: values [rows, seq, hidden], or [rows, heads, seq, keys]."""
        begin = 0 if self.cached is None else width - 1 if step else self.cached
        if self.name == "hidden_states":
            return values[:, begin:width]
        if self.name == "cross_attentions":
            return values[:, :, begin:width]
        window = self.windows[layer] if layer < len(self.windows) else None
        # A sliding cache keeps the tokens before the window's last one.
        first = 0 if window is None else max(begin - (window - 1), 0)
        return values[:, :, begin:width, first:width]


def _leaves(
    steps: Sequence[NDArray[np.int64]], copies: int
) -> tuple[list[tuple[int, NDArray[np.int64]]], NDArray[np.intp]]:
    """Sequences that begin with those of all steps, each with its prompt, and which of them begins as each row does.

    Shapes: the latter [steps, rows].
    """
    leaves: list[tuple[int, NDArray[np.int64]]] = []
    known: dict[tuple[int, bytes], int] = {}
    homes = np.zeros((len(steps), len(steps[0])), dtype=np.intp)
    for step in reversed(range(len(steps))):
        for row, ids in enumerate(np.ascontiguousarray(steps[step])):
            prompt = row // copies
            if (prompt, ids.tobytes()) not in known:
                known |= {
                    (prompt, ids[: steps[earlier].shape[1]].tobytes()): len(leaves) for earlier in range(step + 1)
                }
                leaves.append((prompt, ids))
            homes[step, row] = known[prompt, ids.tobytes()]
    return leaves, homes


def _padded(
    leaves: Sequence[tuple[int, NDArray[np.int64]]], mask: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp]]:
    """Sequences as a batch with its mask, and their prompts."""
    width = max(len(ids) for _, ids in leaves)
    batch = np.zeros((len(leaves), width), dtype=np.int64)
    seen = np.zeros_like(batch)
    for row, (prompt, ids) in enumerate(leaves):
        batch[row, : len(ids)] = ids
        seen[row, : len(ids)] = 1
        seen[row, : mask.shape[1]] = mask[prompt]
    return batch, seen, np.array([prompt for prompt, _ in leaves], dtype=np.intp)


def _scatter(
    found: list[list[NDArray[np.float32]]],
    layers: Layers,
    steps: Sequence[NDArray[np.int64]],
    homes: NDArray[np.intp],
    part: _Part,
) -> None:
    """Copies what the steps compute out of the values of a chunk of sequences."""
    for step, ids in enumerate(steps):
        rows = np.flatnonzero((homes[step] >= 0) & (homes[step] < len(layers[0])))
        if not rows.size:
            continue
        for layer, values in enumerate(layers):
            computed = part.of(values[homes[step][rows]], layer, step, ids.shape[1])
            if len(found[step]) <= layer:
                found[step].append(np.zeros((len(ids), *computed.shape[1:]), dtype=computed.dtype))
            found[step][layer][rows] = computed
