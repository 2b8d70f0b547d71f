"""Conditions that end generation, as classes."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers._checks.arguments import kind
from trustformers._checks.tensors import as_array
from trustformers.errors import InputError
from trustformers.generation.scores import as_ids, called_name, like, token_ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustformers._views.generation_stopping_criteria import *  # noqa: F403

__all__ = [
    "ConfidenceCriteria",
    "EosTokenCriteria",
    "MaxLengthCriteria",
    "MaxTimeCriteria",
    "StopStringCriteria",
    "StoppingCriteria",
    "StoppingCriteriaList",
    "validate_stopping_criteria",
]

logger: logging.Logger = logging.getLogger("trustformers")


class StoppingCriteria:
    """Base of conditions that `generate` checks after every step; subclasses implement `__call__`."""

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """Whether generation of each sequence ends: a bool for all of them, or an array or tensor (rows,).

        Parameters
        ----------
        input_ids
            The tokens of the sequences so far, (rows, seq), padding included.
        scores
            The scores (rows, vocab) of each step with `return_dict_in_generate` and `output_scores`, else None.
        """
        raise NotImplementedError("StoppingCriteria is a base class; implement __call__")


class StoppingCriteriaList(list[Callable[..., Any]]):
    """Conditions of which any ends generation."""

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """For each sequence, whether any condition holds: an array or tensor (rows,) of bools, as `input_ids` is."""
        found = [criterion(input_ids, scores, **kwargs) for criterion in self]
        return like(input_ids, any_of(found, input_ids.shape[0], self))

    @property
    def max_length(self) -> int | None:
        """The length of a `MaxLengthCriteria` among the conditions."""
        return next((one.max_length for one in self if isinstance(one, MaxLengthCriteria)), None)


class MaxLengthCriteria(StoppingCriteria):
    """Ends generation at a number of tokens, prompt included.

    Parameters
    ----------
    max_length
        The number of tokens.
    max_position_embeddings
        The number of the model's positions; more tokens are warned of.
    """

    def __init__(self, max_length: int, max_position_embeddings: int | None = None) -> None:
        self.max_length = max_length
        self.max_position_embeddings = max_position_embeddings

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """For each sequence, whether it has that many tokens."""
        length, most = input_ids.shape[1], self.max_position_embeddings
        if most is not None and most < length < self.max_length:
            logger.warning("the sequences have %d tokens, the model has positions for %d", length, most)
        return _all(input_ids, length >= self.max_length)


class MaxTimeCriteria(StoppingCriteria):
    """Ends generation after a number of seconds."""

    def __init__(self, max_time: float, initial_timestamp: float | None = None) -> None:
        self.max_time: float = max_time
        self.initial_timestamp: float = time.time() if initial_timestamp is None else initial_timestamp

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """For each sequence, whether the time is over."""
        return _all(input_ids, time.time() - self.initial_timestamp > self.max_time)


class EosTokenCriteria(StoppingCriteria):
    """Ends sequences at an EOS token.

    Parameters
    ----------
    eos_token_id
        A token id, or several as a list, array or tensor.
    """

    def __init__(self, eos_token_id: Any) -> None:
        self.eos_token_id: list[int] = token_ids("eos_token_id", eos_token_id)

    def __call__(self, input_ids: Any, scores: Any, new_token_length: int = 1, **kwargs: Any) -> Any:
        """For each sequence, whether an EOS token is among its last `new_token_length` tokens."""
        last = as_ids("input_ids", input_ids)[:, -new_token_length:]
        return like(input_ids, np.asarray(np.isin(last, self.eos_token_id).any(axis=-1)))


class StopStringCriteria(StoppingCriteria):
    """Ends sequences at a string.

    Parameters
    ----------
    tokenizer
        Decodes the tokens.
    stop_strings
        A string, or several; it may start in the prompt, and end within the last token.
    """

    def __init__(self, tokenizer: Any, stop_strings: str | list[str]) -> None:
        self.stop_strings: tuple[str, ...] = (stop_strings,) if isinstance(stop_strings, str) else tuple(stop_strings)
        if not self.stop_strings:
            raise InputError("stop_strings: expected at least one string")
        decode = partial(tokenizer.decode, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        self._native = _native.StopStrings(list(self.stop_strings), decode)

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """For each sequence, whether a string ends in its last token."""
        found = self._native.end(as_ids("input_ids", input_ids).tolist())
        return like(input_ids, np.asarray(found, dtype=np.bool_))


class ConfidenceCriteria(StoppingCriteria):
    """Ends the draft of an assistant at a token of low probability."""

    def __init__(self, assistant_confidence_threshold: float) -> None:
        self.assistant_confidence_threshold = assistant_confidence_threshold

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> bool:
        """Whether the last token of the first sequence has a probability below the threshold."""
        last = np.asarray(as_array(scores[-1]))[0].astype(np.float64)
        weights = np.exp(last - last.max())
        probability = weights[int(as_ids("input_ids", input_ids)[0, -1])] / weights.sum()
        return bool(probability < self.assistant_confidence_threshold)


def validate_stopping_criteria(stopping_criteria: StoppingCriteriaList, max_length: int) -> StoppingCriteriaList:
    """A copy of the conditions with a `MaxLengthCriteria`; warns if they have one of another length."""
    found, copied = stopping_criteria.max_length, deepcopy(stopping_criteria)
    if found is None:
        copied.append(MaxLengthCriteria(max_length=max_length))
    elif found != max_length:
        warnings.warn(
            f"the stopping criteria end at {found} tokens, max_length is {max_length}", UserWarning, stacklevel=2
        )
    return copied


def any_of(found: list[Any], rows: int, given: Sequence[Any] = ()) -> NDArray[np.bool_]:
    """Whether any condition holds for each row; a condition is a bool for all rows, or one for each."""
    ends = np.zeros(rows, dtype=np.bool_)
    for index, one in enumerate(found):
        value = np.asarray(as_array(one))
        if value.dtype.kind not in "biuf":
            name = called_name(given[index]) if given else f"index {index}"
            raise InputError(
                f"stopping_criteria: expected a bool of {name}, or one for each sequence, found {kind(one)}"
            )
        value = value.astype(np.bool_)
        try:
            ends |= np.broadcast_to(value, (rows,))
        except ValueError:
            raise InputError(
                f"stopping_criteria: expected a bool for each of {rows} sequences, found the shape {value.shape}"
            ) from None
    return ends


def _all(input_ids: Any, ends: bool) -> Any:
    return like(input_ids, np.full(input_ids.shape[0], ends))
