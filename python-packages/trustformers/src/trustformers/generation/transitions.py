"""Scores of generated tokens."""

from __future__ import annotations

from typing import Any

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import as_array, kind_of
from trustformers.models.tensors import Target

__all__ = ["transition_scores"]


def transition_scores(sequences: Any, scores: Any, beam_indices: Any, *, normalize_logits: bool) -> Any:
    """The score of each generated token, (sequences, steps), zero after the end of a beam.

    Source: `compute_transition_scores` of transformers 5.23.0.
    """
    ids = np.asarray(as_array(sequences))
    steps = np.stack([np.asarray(as_array(step)) for step in scores])
    if normalize_logits:
        steps = _native.Tensor.from_numpy(steps).log_softmax(-1).numpy()
    if beam_indices is None:
        beams = np.repeat(np.arange(steps.shape[1])[:, None], steps.shape[0], axis=1)
    else:
        beams = np.asarray(as_array(beam_indices))
    has_ended = beams < 0
    length = int((~has_ended).sum(axis=-1).max())
    beams, has_ended = np.where(has_ended, 0, beams)[:, :length], has_ended[:, :length]
    found = steps[np.arange(length)[None], beams, ids[:, ids.shape[1] - length :]]
    result = np.where(has_ended, 0, found).astype(np.float32)
    kind = kind_of(sequences)
    return Target(kind, sequences.device).convert(result) if kind in {"pt", "tf_rs"} else result
