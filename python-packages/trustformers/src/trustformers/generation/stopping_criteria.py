"""Conditions that end generation, as classes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

__all__ = ["MaxLengthCriteria", "MaxTimeCriteria", "StoppingCriteria", "StoppingCriteriaList"]


class StoppingCriteria:
    """Base of conditions that `generate` checks after every step; subclasses implement `__call__`."""

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """Whether generation of a sequence ends: a bool, or an array or tensor of one.

        Parameters
        ----------
        input_ids
            The tokens of the sequence so far, (1, seq).
        scores
            The scores of the last step, (1, vocab).
        """
        raise NotImplementedError("StoppingCriteria is a base class; implement __call__")


class StoppingCriteriaList(list[Callable[..., Any]]):
    """Conditions of which any ends generation."""

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> bool:
        """Whether any condition holds."""
        return any(bool(criterion(input_ids, scores, **kwargs)) for criterion in self)

    @property
    def max_length(self) -> int | None:
        """The length of a `MaxLengthCriteria` among the conditions."""
        return next((one.max_length for one in self if isinstance(one, MaxLengthCriteria)), None)


class MaxLengthCriteria(StoppingCriteria):
    """Ends generation at a number of tokens, prompt included."""

    def __init__(self, max_length: int, max_position_embeddings: int | None = None) -> None:
        self.max_length = max_length
        self.max_position_embeddings = max_position_embeddings

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> bool:
        """Whether the sequence has that many tokens."""
        return bool(input_ids.shape[-1] >= self.max_length)


class MaxTimeCriteria(StoppingCriteria):
    """Ends generation after a number of seconds."""

    def __init__(self, max_time: float, initial_timestamp: float | None = None) -> None:
        self.max_time: float = max_time
        self.initial_timestamp: float = time.time() if initial_timestamp is None else initial_timestamp

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> bool:
        """Whether the time is over."""
        return time.time() - self.initial_timestamp > self.max_time
