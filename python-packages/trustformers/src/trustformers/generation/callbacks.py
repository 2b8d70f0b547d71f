"""What `generate` calls: processors, criteria, streamers and functions of scripts, with the tensors they expect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers._checks.arguments import kind
from trustformers._checks.tensors import as_array
from trustformers.errors import InputError
from trustformers.generation import logits_process as processors
from trustformers.generation import stopping_criteria as criteria
from trustformers.generation.logits_process import Context, LogitsProcessorList, allowed_tokens, is_ready
from trustformers.models.tensors import Target
from trustformers.runtime.device import Device

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["callbacks", "called_list", "without_replaced"]

# The argument of `generate` that each class of processors stands for. A processor of a script takes the place of the
# one that `generate` would build. Source: `_merge_criteria_processor_list` of transformers 5.23.0.
_KEYS: dict[type, str] = {
    processors.EncoderNoRepeatNGramLogitsProcessor: "encoder_no_repeat_ngram_size",
    processors.EncoderRepetitionPenaltyLogitsProcessor: "encoder_repetition_penalty",
    processors.ExponentialDecayLengthPenalty: "exponential_decay_length_penalty",
    processors.ForcedBOSTokenLogitsProcessor: "forced_bos_token_id",
    processors.ForcedEOSTokenLogitsProcessor: "forced_eos_token_id",
    processors.InfNanRemoveLogitsProcessor: "remove_invalid_values",
    processors.MinLengthLogitsProcessor: "min_length",
    processors.MinNewTokensLengthLogitsProcessor: "min_new_tokens",
    processors.NoBadWordsLogitsProcessor: "bad_words_ids",
    processors.NoRepeatNGramLogitsProcessor: "no_repeat_ngram_size",
    processors.RepetitionPenaltyLogitsProcessor: "repetition_penalty",
    processors.SequenceBiasLogitsProcessor: "sequence_bias",
    processors.SuppressTokensAtBeginLogitsProcessor: "begin_suppress_tokens",
    processors.SuppressTokensLogitsProcessor: "suppress_tokens",
    criteria.MaxTimeCriteria: "max_time",
    criteria.StopStringCriteria: "stop_strings",
}


def without_replaced(kwargs: dict[str, Any], given: Iterable[Any], prompt_length: int) -> list[Any]:
    """The processors or criteria of a script that are called; switches off the arguments that they stand for.

    A length or EOS criterion becomes an argument itself.
    """
    called = []
    for one in given:
        if type(one) is criteria.MaxLengthCriteria:
            # A prompt that is too long already gets one token more.
            kwargs["max_length"], kwargs["max_new_tokens"] = max(one.max_length, prompt_length + 1), None
        elif type(one) is criteria.EosTokenCriteria:
            kwargs["eos_token_id"] = one.eos_token_id
        else:
            called.append(one)
            if type(one) in _KEYS:
                kwargs[_KEYS[type(one)]] = None
    return called


def callbacks(
    target: Target | None,
    *,
    guidance: Callable[..., Any] | None,
    logits_processor: list[Any],
    stopping_criteria: list[Any],
    prefix_allowed_tokens_fn: Callable[[int, Any], Any] | None,
    streamer: Any,
    keeps_scores: bool,
) -> _native.GenerationCallbacks:
    """The objects that the engine calls, which get tensors as `target` says, or arrays."""
    convert = _converter(target)
    ready = bool(logits_processor) and all(map(is_ready, logits_processor))
    return _native.GenerationCallbacks(
        streamer=None if streamer is None else _Streamer(streamer, target),
        first=None if guidance is None else _scores(guidance, convert),
        ready=[one.build(Context(convert)) for one in logits_processor] if ready else [],
        logits_processor=_scores(LogitsProcessorList(logits_processor), convert)
        if logits_processor and not ready
        else None,
        stopping_criteria=_ends(stopping_criteria, convert, keeps_scores=keeps_scores) if stopping_criteria else None,
        prefix_allowed_tokens_fn=None
        if prefix_allowed_tokens_fn is None
        else allowed_tokens(prefix_allowed_tokens_fn, convert),
    )


def _converter(target: Target | None) -> Callable[[Any], Any]:
    # Scores are float32, whatever the dtype of the model.
    return (lambda array: array) if target is None else Target(target.kind, target.device).convert


def called_list(argument: str, given: Any) -> list[Any]:
    """The callables of an argument of `generate`.

    Raises
    ------
    InputError
        The argument is no list, or an item of it is not callable.
    """
    if given is None:
        return []
    if not isinstance(given, Iterable) or isinstance(given, (str, Mapping)):
        raise InputError(f"{argument}: expected a list of callables, found {kind(given)}")
    listed = list(given)
    for index, one in enumerate(listed):
        if not callable(one):
            raise InputError(f"{argument}: expected a callable at index {index}, found {kind(one)}")
    return listed


def _scores(process: Callable[..., Any], convert: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def called(ids: NDArray[np.int64], scores: NDArray[np.float32]) -> NDArray[np.float32]:
        found = as_array(process(convert(ids), convert(scores)))
        try:
            found = np.broadcast_to(found, scores.shape)
        except ValueError:
            raise InputError(
                f"logits_processor: expected scores of the shape {scores.shape}, found the shape {np.shape(found)}"
            ) from None
        return np.ascontiguousarray(found, dtype=np.float32)

    return called


def _ends(given: list[Any], convert: Callable[[Any], Any], *, keeps_scores: bool) -> Callable[[Any, Any], list[bool]]:
    steps: list[Any] = []

    def called(ids: NDArray[np.int64], scores: NDArray[np.float32]) -> list[bool]:
        if keeps_scores:
            steps.append(convert(scores))
        tokens, history = convert(ids), tuple(steps) if keeps_scores else None
        found: list[bool] = criteria.any_of([one(tokens, history) for one in given], len(ids), given).tolist()
        return found

    return called


class _Streamer:
    """A streamer of a script, which gets tensors on the cpu if the call has tensors."""

    def __init__(self, streamer: Any, target: Target | None) -> None:
        self._streamer = streamer
        self._target = target and Target(target.kind, "cpu" if target.kind == "pt" else Device.cpu())

    def put(self, value: NDArray[np.int64]) -> None:
        self._streamer.put(value if self._target is None else self._target.convert(value))

    def end(self) -> None:
        self._streamer.end()
