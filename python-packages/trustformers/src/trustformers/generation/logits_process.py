"""Changes of the scores of next tokens, as classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["LogitsProcessor", "LogitsProcessorList"]


class LogitsProcessor:
    """Base of changes that `generate` makes to the scores at every step; subclasses implement `__call__`."""

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The changed scores.

        Parameters
        ----------
        input_ids
            The tokens of the sequence so far, (1, seq).
        scores
            The scores of the next token, (1, vocab).
        """
        raise NotImplementedError("LogitsProcessor is a base class; implement __call__")


class LogitsProcessorList(list[Callable[..., Any]]):
    """Changes in the order in which they are made."""

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """The scores after all changes."""
        for processor in self:
            scores = processor(input_ids, scores, **kwargs)
        return scores
