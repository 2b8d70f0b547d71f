"""Changes of the scores of next tokens, as classes.

The maths is the engine's. `generate` runs a list of these classes in the engine; with a class of another kind in the
list, or a subclass that overrides `__call__`, it calls the whole list from Python.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import as_array
from trustformers.errors import InputError, UnsupportedError
from trustformers.generation.scores import as_ids, as_matrix, called_name, like, token_ids

if TYPE_CHECKING:
    from trustformers._views.generation_logits_process import *  # noqa: F403

__all__ = [
    "ClassifierFreeGuidanceLogitsProcessor",
    "EncoderNoRepeatNGramLogitsProcessor",
    "EncoderRepetitionPenaltyLogitsProcessor",
    "EpsilonLogitsWarper",
    "EtaLogitsWarper",
    "ExponentialDecayLengthPenalty",
    "ForcedBOSTokenLogitsProcessor",
    "ForcedEOSTokenLogitsProcessor",
    "InfNanRemoveLogitsProcessor",
    "LogitNormalization",
    "LogitsProcessor",
    "LogitsProcessorList",
    "MinLengthLogitsProcessor",
    "MinNewTokensLengthLogitsProcessor",
    "MinPLogitsWarper",
    "NoBadWordsLogitsProcessor",
    "NoRepeatNGramLogitsProcessor",
    "PrefixConstrainedLogitsProcessor",
    "RepetitionPenaltyLogitsProcessor",
    "SequenceBiasLogitsProcessor",
    "SuppressTokensAtBeginLogitsProcessor",
    "SuppressTokensLogitsProcessor",
    "SynthIDTextWatermarkLogitsProcessor",
    "TemperatureLogitsWarper",
    "TopHLogitsWarper",
    "TopKLogitsWarper",
    "TopPLogitsWarper",
    "TypicalLogitsWarper",
    "UnbatchedClassifierFreeGuidanceLogitsProcessor",
    "WatermarkLogitsProcessor",
]

_NONE = -float("inf")


class LogitsProcessor:
    """Base of changes that `generate` makes to the scores at every step; subclasses implement `__call__`."""

    supports_continuous_batching: bool | None = None

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The changed scores.

        Parameters
        ----------
        input_ids
            The tokens of the sequences so far, (rows, seq), padding included.
        scores
            The scores of the next tokens, (rows, vocab).
        """
        raise NotImplementedError("LogitsProcessor is a base class; implement __call__")


class LogitsProcessorList(list[Callable[..., Any]]):
    """Changes in the order in which they are made."""

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """The scores after all changes; processors with more than two parameters get `kwargs`.

        Raises
        ------
        InputError
            A parameter of a processor is not in `kwargs`.
        """
        for processor in self:
            more = list(inspect.signature(processor).parameters)[2:]
            if any(name not in kwargs for name in more):
                raise InputError(f"logits_processor: {type(processor).__name__} needs the arguments {more}")
            scores = processor(input_ids, scores, **kwargs) if more else processor(input_ids, scores)
            if scores is None:
                raise InputError(f"logits_processor: expected scores of {called_name(processor)}, found None")
        return scores


@dataclass(frozen=True)
class Context:
    """What a processor depends on besides its own parameters.

    Parameters
    ----------
    converted
        Converts an array of token ids to the library that the caller uses.
    most
        The largest finite score.
    """

    converted: Callable[[Any], Any]
    most: float = float(np.finfo(np.float32).max)


class ReadyLogitsProcessor(LogitsProcessor):
    """Base of the processors that the engine implements."""

    # Scripts that sample by themselves call the others with None as ids.
    _reads_ids: ClassVar[bool] = True

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        raise NotImplementedError(f"{type(self).__name__} does not implement build")

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The changed scores, (rows, vocab): an array or tensor as `scores` are, which stay unchanged."""
        before = as_matrix("scores", scores)
        context = Context(lambda ids: like(input_ids, ids), _most(scores))
        has_none = input_ids is None and not self._reads_ids
        ids = np.empty((len(before), 0), np.int64) if has_none else as_ids("input_ids", input_ids)
        after = self.build(context).process(ids, before)
        original = as_array(scores)
        if getattr(original, "dtype", None) == np.float64:
            after = np.where(after == before, original, after)
        return like(scores, after)


def is_ready(processor: object) -> bool:
    """Whether the engine can run a processor, which is one of its own without an overridden `__call__`."""
    return isinstance(processor, ReadyLogitsProcessor) and type(processor).__call__ is ReadyLogitsProcessor.__call__


class _Warper(ReadyLogitsProcessor):
    """A processor that keeps at least some tokens, and gives the others one score."""

    _reads_ids: ClassVar[bool] = False

    filter_value: float
    min_tokens_to_keep: int

    def _set(self, filter_value: float, min_tokens_to_keep: int) -> None:
        if (
            isinstance(min_tokens_to_keep, bool)
            or int(min_tokens_to_keep) != min_tokens_to_keep
            or min_tokens_to_keep < 1
        ):
            raise InputError(f"min_tokens_to_keep: expected a positive integer, found {min_tokens_to_keep!r}")
        self.filter_value, self.min_tokens_to_keep = filter_value, int(min_tokens_to_keep)
        self.build(_PLAIN)


class TemperatureLogitsWarper(ReadyLogitsProcessor):
    """Divides the scores by the temperature."""

    _reads_ids: ClassVar[bool] = False

    supports_continuous_batching: bool | None = True

    def __init__(self, temperature: float) -> None:
        self.temperature = temperature
        self.build(_PLAIN)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.temperature(_number("temperature", self.temperature))


class TopKLogitsWarper(_Warper):
    """Keeps the `top_k` most likely tokens."""

    supports_continuous_batching: bool | None = True

    def __init__(self, top_k: int, filter_value: float = _NONE, min_tokens_to_keep: int = 1) -> None:
        self.top_k: int = max(_integer("top_k", top_k, 1), min_tokens_to_keep)
        self._set(filter_value, min_tokens_to_keep)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.top_k(self.top_k, self.filter_value, self.min_tokens_to_keep)


class TopPLogitsWarper(_Warper):
    """Keeps the most likely tokens whose probabilities sum to `top_p`."""

    supports_continuous_batching: bool | None = True

    def __init__(self, top_p: float, filter_value: float = _NONE, min_tokens_to_keep: int = 1) -> None:
        self.top_p: float = float(top_p)
        self._set(filter_value, min_tokens_to_keep)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.top_p(self.top_p, self.filter_value, self.min_tokens_to_keep)


class TopHLogitsWarper(ReadyLogitsProcessor):
    """Keeps the most likely tokens while their entropy is at most the share `top_h` of the whole."""

    _reads_ids: ClassVar[bool] = False

    def __init__(self, top_h: float, filter_value: float = _NONE) -> None:
        self.top_n = 100
        self.top_h = top_h
        self.filter_value = filter_value
        self.build(_PLAIN)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.top_h(_number("top_h", self.top_h), self.filter_value)


class MinPLogitsWarper(_Warper):
    """Keeps the tokens that are at least `min_p` times as likely as the most likely one."""

    def __init__(self, min_p: float, filter_value: float = _NONE, min_tokens_to_keep: int = 1) -> None:
        self.min_p = min_p
        self._set(filter_value, min_tokens_to_keep)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.min_p(_number("min_p", self.min_p), self.filter_value, self.min_tokens_to_keep)


class TypicalLogitsWarper(_Warper):
    """Keeps the tokens whose surprise is nearest to the entropy, until their probabilities sum to `mass`."""

    def __init__(self, mass: float = 0.9, filter_value: float = _NONE, min_tokens_to_keep: int = 1) -> None:
        self.mass: float = float(mass)
        self._set(filter_value, min_tokens_to_keep)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.typical(self.mass, self.filter_value, self.min_tokens_to_keep)


class EpsilonLogitsWarper(_Warper):
    """Keeps the tokens with at least the probability `epsilon`."""

    def __init__(self, epsilon: float, filter_value: float = _NONE, min_tokens_to_keep: int = 1) -> None:
        self.epsilon: float = float(epsilon)
        self._set(filter_value, min_tokens_to_keep)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.epsilon(self.epsilon, self.filter_value, self.min_tokens_to_keep)


class EtaLogitsWarper(_Warper):
    """Keeps the tokens above a probability that falls with the entropy, and is `epsilon` at most."""

    def __init__(
        self, epsilon: float, filter_value: float = _NONE, min_tokens_to_keep: int = 1, device: Any = "cpu"
    ) -> None:
        self.epsilon: float = float(epsilon)
        self._set(filter_value, min_tokens_to_keep)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.eta(self.epsilon, self.filter_value, self.min_tokens_to_keep)


class RepetitionPenaltyLogitsProcessor(ReadyLogitsProcessor):
    """Makes tokens that occur in the sequence less likely.

    Parameters
    ----------
    penalty
        Positive scores are divided by it, negative ones multiplied.
    prompt_ignore_length
        Number of first tokens that do not count: for all rows, or one number for each row.
    """

    def __init__(self, penalty: float, prompt_ignore_length: Any = None) -> None:
        self.penalty = penalty
        self.prompt_ignore_length = prompt_ignore_length
        self.build(_PLAIN)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        ignored = self.prompt_ignore_length
        rows = [] if ignored is None else token_ids("prompt_ignore_length", ignored)
        return _native.LogitsProcessor.repetition_penalty(_positive("penalty", self.penalty), rows)


class EncoderRepetitionPenaltyLogitsProcessor(ReadyLogitsProcessor):
    """Makes tokens of the prompt more likely: `penalty` above 1."""

    def __init__(self, penalty: float, encoder_input_ids: Any) -> None:
        self.penalty: float = 1 / _positive("penalty", penalty)
        self.encoder_input_ids = encoder_input_ids

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        prompts = as_ids("encoder_input_ids", self.encoder_input_ids).tolist()
        return _native.LogitsProcessor.encoder_repetition_penalty(1 / self.penalty, prompts)


class NoRepeatNGramLogitsProcessor(ReadyLogitsProcessor):
    """Excludes tokens that would repeat an n-gram of the sequence."""

    def __init__(self, ngram_size: int) -> None:
        self.ngram_size: int = _integer("ngram_size", ngram_size, 1)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.no_repeat_ngram(self.ngram_size)


class EncoderNoRepeatNGramLogitsProcessor(ReadyLogitsProcessor):
    """Excludes tokens that would repeat an n-gram of the prompt."""

    def __init__(self, encoder_ngram_size: int, encoder_input_ids: Any) -> None:
        self.ngram_size: int = _integer("encoder_ngram_size", encoder_ngram_size, 1)
        ids = np.asarray(as_array(encoder_input_ids))
        self._prompts = as_ids("encoder_input_ids", ids[None] if ids.ndim == 1 else ids).tolist()
        self.batch_size: int = len(self._prompts)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.encoder_no_repeat_ngram(self.ngram_size, self._prompts)


class SequenceBiasLogitsProcessor(ReadyLogitsProcessor):
    """Adds a bias to the scores of tokens that complete sequences.

    Parameters
    ----------
    sequence_bias
        Biases by tuples of token ids, or a list of pairs of token ids and bias.
    """

    def __init__(self, sequence_bias: Mapping[tuple[int, ...], float] | Sequence[Any]) -> None:
        pairs = sequence_bias.items() if isinstance(sequence_bias, Mapping) else sequence_bias
        try:
            self.sequence_bias: dict[tuple[int, ...], float] = {
                tuple(token_ids("sequence_bias", ids)): float(bias) for ids, bias in pairs
            }
        except (TypeError, ValueError) as error:
            raise InputError(
                f"sequence_bias: expected a dict of tuples of token ids and floats, found {sequence_bias!r}"
            ) from error
        if not self.sequence_bias or not all(self.sequence_bias):
            raise InputError(f"sequence_bias: expected sequences of token ids, found {sequence_bias!r}")

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.sequence_bias([(list(ids), bias) for ids, bias in self.sequence_bias.items()])


class NoBadWordsLogitsProcessor(SequenceBiasLogitsProcessor):
    """Excludes tokens that complete given sequences; a single EOS token is never excluded."""

    def __init__(self, bad_words_ids: list[list[int]], eos_token_id: Any = None) -> None:
        self.bad_word_ids = bad_words_ids
        if not isinstance(bad_words_ids, list) or not all(isinstance(word, list) for word in bad_words_ids):
            raise InputError(f"bad_words_ids: expected a list of lists of token ids, found {bad_words_ids!r}")
        words = [token_ids("bad_words_ids", word) for word in bad_words_ids]
        ends = [] if eos_token_id is None else token_ids("eos_token_id", eos_token_id)
        super().__init__({tuple(word): _NONE for word in words if word not in [[end] for end in ends]})


class MinLengthLogitsProcessor(ReadyLogitsProcessor):
    """Excludes EOS while a sequence is shorter than `min_length`, prompt included."""

    supports_continuous_batching: bool | None = False

    def __init__(self, min_length: int, eos_token_id: Any, device: Any = "cpu") -> None:
        self.min_length: int = _integer("min_length", min_length, 0)
        self.eos_token_id: list[int] = token_ids("eos_token_id", eos_token_id)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.min_length(self.min_length, self.eos_token_id)


class MinNewTokensLengthLogitsProcessor(ReadyLogitsProcessor):
    """Excludes EOS while a sequence has fewer than `min_new_tokens` after the prompt."""

    supports_continuous_batching: bool | None = False

    def __init__(self, prompt_length_to_skip: int, min_new_tokens: int, eos_token_id: Any, device: Any = "cpu") -> None:
        self.prompt_length_to_skip: int = _integer("prompt_length_to_skip", prompt_length_to_skip, 0)
        self.min_new_tokens: int = _integer("min_new_tokens", min_new_tokens, 0)
        self.eos_token_id: list[int] = token_ids("eos_token_id", eos_token_id)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.min_length(self.prompt_length_to_skip + self.min_new_tokens, self.eos_token_id)


class ForcedBOSTokenLogitsProcessor(ReadyLogitsProcessor):
    """Excludes all tokens but one after the first token."""

    def __init__(self, bos_token_id: int) -> None:
        self.bos_token_id = bos_token_id

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.forced_bos(self.bos_token_id)


class ForcedEOSTokenLogitsProcessor(ReadyLogitsProcessor):
    """Excludes all tokens but EOS when a sequence has room for one more token."""

    def __init__(self, max_length: int, eos_token_id: Any, device: Any = "cpu") -> None:
        self.max_length: int = _integer("max_length", max_length, 0)
        self.eos_token_id: list[int] = token_ids("eos_token_id", eos_token_id)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.forced_eos(self.max_length, self.eos_token_id)


class InfNanRemoveLogitsProcessor(ReadyLogitsProcessor):
    """Replaces NaN with 0, and infinite scores with the largest finite ones."""

    _reads_ids: ClassVar[bool] = False

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.remove_invalid(context.most)


class ExponentialDecayLengthPenalty(ReadyLogitsProcessor):
    """Raises the score of EOS exponentially after a number of new tokens.

    Parameters
    ----------
    exponential_decay_length_penalty
        The number of new tokens, and the factor.
    eos_token_id
        The tokens that end a sequence.
    input_ids_seq_length
        Length of the prompt.
    """

    def __init__(
        self, exponential_decay_length_penalty: tuple[int, float], eos_token_id: Any, input_ids_seq_length: int
    ) -> None:
        self.regulation_start: int = exponential_decay_length_penalty[0] + input_ids_seq_length
        self.regulation_factor: float = exponential_decay_length_penalty[1]
        self.eos_token_id: list[int] = token_ids("eos_token_id", eos_token_id)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.exponential_decay(
            self.regulation_start, self.regulation_factor, self.eos_token_id
        )


class LogitNormalization(ReadyLogitsProcessor):
    """Normalizes the scores to logarithms of probabilities."""

    _reads_ids: ClassVar[bool] = False

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.renormalize()


class SuppressTokensLogitsProcessor(ReadyLogitsProcessor):
    """Excludes tokens."""

    _reads_ids: ClassVar[bool] = False

    def __init__(self, suppress_tokens: Any, device: Any = "cpu") -> None:
        self.suppress_tokens: list[int] = token_ids("suppress_tokens", suppress_tokens)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.suppress(self.suppress_tokens, None)


class SuppressTokensAtBeginLogitsProcessor(ReadyLogitsProcessor):
    """Excludes tokens when a sequence has the length `begin_index`."""

    def __init__(self, begin_suppress_tokens: Any, begin_index: int, device: Any = "cpu") -> None:
        self.begin_suppress_tokens: list[int] = token_ids("begin_suppress_tokens", begin_suppress_tokens)
        self.begin_index: int = begin_index

    def set_begin_index(self, begin_index: int) -> None:
        """Sets the length at which tokens are excluded."""
        self.begin_index = begin_index

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.suppress(self.begin_suppress_tokens, self.begin_index)


class PrefixConstrainedLogitsProcessor(ReadyLogitsProcessor):
    """Excludes all tokens but those that a function allows.

    Parameters
    ----------
    prefix_allowed_tokens_fn
        Gets the index of a prompt and the tokens of a sequence, and returns the tokens that may follow.
    num_beams
        Number of sequences of each prompt.
    """

    def __init__(self, prefix_allowed_tokens_fn: Callable[[int, Any], Any], num_beams: int) -> None:
        self._prefix_allowed_tokens_fn = prefix_allowed_tokens_fn
        self._num_beams = _integer("num_beams", num_beams, 1)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        function = allowed_tokens(self._prefix_allowed_tokens_fn, context.converted)
        return _native.LogitsProcessor.prefix_constrained(function, self._num_beams)


class WatermarkLogitsProcessor(ReadyLogitsProcessor):
    """Adds a bias to the tokens of a pseudorandom list, which depends on the last tokens.

    Parameters
    ----------
    vocab_size
        Size of the vocabulary.
    device
        Without effect; the lists are those of torch's generator on the cpu.
    greenlist_ratio, bias, hashing_key, seeding_scheme, context_width
        As for `WatermarkingConfig`.
    """

    def __init__(  # noqa: PLR0917  # the order of transformers
        self,
        vocab_size: int,
        device: Any = "cpu",
        greenlist_ratio: float = 0.25,
        bias: float = 2.0,
        hashing_key: int = 15485863,
        seeding_scheme: str = "lefthash",
        context_width: int = 1,
    ) -> None:
        self.vocab_size: int = _integer("vocab_size", vocab_size, 1)
        self.greenlist_size: int = int(vocab_size * greenlist_ratio)
        self.bias = bias
        self.seeding_scheme = seeding_scheme
        self.hash_key = hashing_key
        self.context_width = context_width
        self._watermark = _native.Watermark(greenlist_ratio, bias, hashing_key, seeding_scheme, context_width)

    def greenlist(self, tokens: Sequence[int]) -> list[int]:
        """The tokens that are more likely after `tokens`, which with `selfhash` end with the token itself."""
        return self._watermark.greenlist(list(tokens), self.vocab_size)

    def build(self, context: Context) -> _native.LogitsProcessor:
        """The engine's processor of these parameters."""
        return _native.LogitsProcessor.watermark(self._watermark)


class SynthIDTextWatermarkLogitsProcessor(LogitsProcessor):
    """Not supported: its detector is a model that is trained for each key."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        raise UnsupportedError("not supported: SynthID watermarks; use WatermarkingConfig")


class ClassifierFreeGuidanceLogitsProcessor(LogitsProcessor):
    """Moves scores away from unconditional ones, which are the second half of the batch of scores."""

    def __init__(self, guidance_scale: float) -> None:
        if not guidance_scale > 1:
            raise InputError(f"guidance_scale: expected a number above 1, found {guidance_scale!r}")
        self.guidance_scale = guidance_scale

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The guided scores, (rows, vocab), of scores (2 * rows, vocab)."""
        rows = input_ids.shape[0]
        if scores.shape[0] != 2 * rows:
            raise InputError(f"scores: expected {2 * rows} rows for {rows} sequences, found {scores.shape[0]}")
        conditional, unconditional = scores[:rows], scores[rows:]
        return unconditional + (conditional - unconditional) * self.guidance_scale


class UnbatchedClassifierFreeGuidanceLogitsProcessor(LogitsProcessor):
    """Moves scores away from those of an unconditional prompt, which the processor computes with the model.

    Parameters
    ----------
    guidance_scale
        1 for no guidance.
    model
        The model that generates.
    unconditional_ids, unconditional_attention_mask
        The unconditional prompts, (rows, seq), and their mask; by default the last token of each prompt.
    use_cache
        Whether to keep keys and values of the unconditional sequences.
    """

    def __init__(
        self,
        guidance_scale: float,
        model: Any,
        unconditional_ids: Any = None,
        unconditional_attention_mask: Any = None,
        use_cache: bool | None = True,
    ) -> None:
        self.guidance_scale = guidance_scale
        self.model = model
        self.unconditional_context: dict[str, Any] = {
            "input_ids": unconditional_ids,
            "attention_mask": unconditional_attention_mask,
            "use_cache": use_cache,
            "past_key_values": None,
            "first_pass": True,
        }

    def get_unconditional_logits(self, input_ids: Any) -> Any:
        """The model's logits after the unconditional prompts and the tokens generated so far, (rows, seq, vocab)."""
        context = self.unconditional_context
        last = as_ids("input_ids", input_ids)[:, -1:]
        if context["first_pass"]:
            prompts = last if context["input_ids"] is None else as_ids("negative_prompt_ids", context["input_ids"])
            mask = context["attention_mask"]
            mask = np.ones_like(prompts) if mask is None else as_ids("negative_prompt_attention_mask", mask)
            context["first_pass"] = False
        else:
            mask = np.concatenate([context["attention_mask"], np.ones_like(last)], axis=1)
            prompts = last if context["use_cache"] else np.concatenate([context["input_ids"], last], axis=1)
        context["input_ids"], context["attention_mask"] = prompts, mask
        if getattr(self.model.config, "is_encoder_decoder", False):
            if context["use_cache"] and not mask.all():
                raise UnsupportedError(
                    "not supported: negative_prompt_attention_mask with masked tokens and a cache of an "
                    "encoder-decoder; pass use_cache=False"
                )
            # The tokens are a source, and the mask of a source does not cover the tokens of a cache.
            mask = mask[:, -prompts.shape[1] :]
        out = self.model(
            prompts,
            attention_mask=mask,
            use_cache=context["use_cache"],
            past_key_values=context["past_key_values"],
        )
        context["past_key_values"] = out.get("past_key_values") if context["use_cache"] else None
        return out.logits

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The guided scores, as logarithms of probabilities."""
        guided = _log_softmax(as_matrix("scores", scores))
        if self.guidance_scale != 1:
            last = np.asarray(as_array(self.get_unconditional_logits(input_ids)))[:, -1]
            unconditional = _log_softmax(as_matrix("logits", last))
            guided = np.float32(self.guidance_scale) * (guided - unconditional) + unconditional
        return like(scores, guided)


def allowed_tokens(function: Callable[[int, Any], Any], converted: Callable[[Any], Any]) -> Callable[[int, Any], Any]:
    """A function of arrays that calls `prefix_allowed_tokens_fn` with the caller's tensors and returns a list."""
    return lambda prompt, ids: token_ids("prefix_allowed_tokens_fn", function(prompt, converted(ids)))


def _log_softmax(scores: Any) -> Any:
    ids = np.zeros((len(scores), 0), dtype=np.int64)
    return _native.LogitsProcessor.renormalize().process(ids, scores)


def _most(scores: Any) -> float:
    """The largest finite number of the dtype of scores, or of float32 for wider ones."""
    dtype = str(getattr(scores, "dtype", "float32")).removeprefix("torch.")
    # The largest bfloat16, 2**127 * (2 - 2**-7).
    widest = float(np.finfo(np.float32).max)
    return {"float16": 65504.0, "bfloat16": 2.0**127 * (2 - 2.0**-7)}.get(dtype, widest)


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name}: expected a number, found {value!r}") from None


def _positive(name: str, value: Any) -> float:
    number = _number(name, value)
    if not number > 0:
        raise InputError(f"{name}: expected a number above 0, found {value!r}")
    return number


def _integer(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{name}: expected an integer of at least {least}, found {value!r}")
    return int(value)


_PLAIN = Context(lambda ids: ids)
