"""Models that generate."""

from __future__ import annotations

import json
import os
import random
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers._checks import arrays, saving
from trustformers.errors import InputError, UnsupportedError
from trustformers.generation.config import GenerationConfig, of_model, warn_of
from trustformers.generation.streams import AsyncTokenStream, TokenStream
from trustformers.models.base import PreTrainedModel
from trustformers.models.cache import DynamicCache, filled
from trustformers.models.outputs import ModelOutput
from trustformers.runtime.jobs import Job

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from trustformers.generation.streamers import BaseStreamer
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast

__all__ = ["GenerateBeamDecoderOnlyOutput", "GenerateDecoderOnlyOutput", "GenerationMixin"]

# Requests of one model that are computed together; more wait for their turn.
_SLOTS = 64


@dataclass(eq=False)
class GenerateDecoderOnlyOutput(ModelOutput):
    """Output of `generate` with `return_dict_in_generate=True`.

    Shapes: sequences [batch, seq]; scores and logits of each step [batch, vocab].
    """

    sequences: NDArray[np.int64]
    scores: tuple[NDArray[np.float32], ...] | None = None
    logits: tuple[NDArray[np.float32], ...] | None = None
    past_key_values: DynamicCache | None = None


@dataclass(eq=False)
class GenerateBeamDecoderOnlyOutput(GenerateDecoderOnlyOutput):
    """Output of beam search, with the score of each sequence and its beam indices (batch, new tokens)."""

    sequences_scores: NDArray[np.float32] | None = None
    beam_indices: NDArray[np.int64] | None = None


class _Prompts:
    """The prompts of a call, padded and unpadded."""

    def __init__(self, ids: NDArray[np.int64] | None, mask: NDArray[np.int64] | None) -> None:
        self.ids = ids
        self.mask = mask
        if ids is None:
            self.rows: list[list[int]] = [[]]
        elif mask is None:
            self.rows = ids.tolist()
        else:
            self.rows = [row[seen != 0].tolist() for row, seen in zip(ids, mask, strict=True)]


class GenerationMixin(PreTrainedModel):
    """Models with `generate`, which continues prompts."""

    @property
    def generation_config(self) -> GenerationConfig:
        """The default settings of `generate`."""
        if "_generation_config" not in self.__dict__:
            self._generation_config = of_model(self._directory, self.config)
        return self._generation_config

    @generation_config.setter
    def generation_config(self, config: GenerationConfig) -> None:
        self._generation_config = config

    @classmethod
    def can_generate(cls) -> bool:
        """True."""
        return True

    def save_pretrained(self, save_directory: str | os.PathLike[str], **kwargs: Any) -> None:
        """Writes `config.json`, `generation_config.json` and `model.safetensors` into a directory.

        Parameters
        ----------
        save_directory
            The directory.
        **kwargs
            Options of transformers: `is_main_process=False` writes nothing, `max_shard_size` only warns, and an option
            that asks for other files than `model.safetensors` is refused.

        Raises
        ------
        InputError
            The generation configuration contradicts itself; nothing is written.
        UnsupportedError, IoError
            As for other models.
        """
        self.generation_config.validate()
        super().save_pretrained(save_directory, **kwargs)
        if saving.writes(**kwargs):
            self.generation_config.save_pretrained(save_directory)

    def generate(  # noqa: PLR0917  # the order of transformers
        self,
        inputs: ArrayLike | None = None,
        generation_config: GenerationConfig | Mapping[str, Any] | None = None,
        logits_processor: Sequence[Callable[..., Any]] | None = None,
        stopping_criteria: Sequence[Callable[..., Any]] | None = None,
        prefix_allowed_tokens_fn: Callable[[int, Any], list[int]] | None = None,
        assistant_model: GenerationMixin | None = None,
        streamer: BaseStreamer | None = None,
        *,
        tokenizer: PreTrainedTokenizerFast | None = None,
        generator: int | np.random.Generator | None = None,
        **kwargs: Any,
    ) -> Any:
        """Generates tokens that continue prompts.

        Parameters
        ----------
        inputs
            Tokens of shape (batch, seq), also as `input_ids`; a list of tokens is a batch of one. Without any, or with
            none in a row, generation begins with `bos_token_id`.
        generation_config
            Settings that take precedence over the model's own.
        logits_processor, stopping_criteria
            Objects that are called with tokens (1, seq) and scores (1, vocab) of one sequence, as arrays, after every
            token. The engine waits for them.
        prefix_allowed_tokens_fn
            Returns the allowed next tokens, given a prompt's index and the tokens so far.
        assistant_model
            A smaller model of the same vocabulary that drafts tokens.
        streamer
            Receives tokens as they are generated.
        tokenizer
            Decodes tokens to find `stop_strings`.
        generator
            The seed of sampling, or a generator that draws one; by default the seed comes from Python's `random`,
            which `set_seed` seeds.
        **kwargs
            `attention_mask`, `past_key_values`, and the keys of `GenerationConfig`. The prompts begin with the tokens
            that the cache holds, which are not read again; all but the last token of what is returned are added. Beams
            go on from a copy: a cache of a sequence for each prompt gets the prompts without their last tokens. With
            `use_cache=False` every step computes whole sequences.

        Returns
        -------
        numpy.ndarray
            int64 of shape (batch, seq): each prompt as it was given and what follows it, then `pad_token_id`. An
            output object instead where `return_dict_in_generate` is set, with the cache, which of beams is the one that
            was passed.

        Raises
        ------
        InputError
            An argument does not fit the model or another one, or logits hold NaN; the message names it.
        UnsupportedError
            An argument is not supported.
        """
        past = kwargs.pop("past_key_values", None)
        cache = None if past is None else filled(past)
        if streamer is not None and not (hasattr(streamer, "put") and hasattr(streamer, "end")):
            raise InputError(f"streamer: expected an object with put and end, found {type(streamer).__name__}")
        stated = self._stated(generation_config, kwargs)
        prompts = self._prompts(inputs, kwargs, stated)
        keys = _keys(kwargs)
        user = {} if generation_config is None else _dict(generation_config)
        returns_dict = bool(stated.get("return_dict_in_generate"))
        if cache is not None and keys.get("cache_implementation", user.get("cache_implementation")) is not None:
            raise InputError("cache_implementation: pass it or past_key_values, not both")
        uses_cache = keys.get("use_cache", user.get("use_cache")) is not False
        if cache is not None and not uses_cache:
            raise InputError("use_cache: False leaves no use for past_key_values; pass one of the two")
        generated = _native.generate(
            self._native,
            prompts.rows,
            **self._configs(generation_config, keys),
            seed=_seed(generator),
            fill=0,
            streamer=streamer,
            processors=list(logits_processor or ()),
            criteria=list(stopping_criteria or ()),
            prefix_allowed_tokens=prefix_allowed_tokens_fn,
            tokenizer=None if tokenizer is None else tokenizer._native,
            assistant=None if assistant_model is None else assistant_model._native,
            assistant_config="{}" if assistant_model is None else assistant_model.generation_config.to_json_string(),
            mask=prompts.mask,
            past=None if cache is None else cache.native,
            keeps_past=returns_dict and uses_cache,
        )
        sequences = _beside_prompts(prompts.ids, generated)
        if not returns_dict:
            return sequences
        if generated.past_key_values is not None:
            cache = DynamicCache.of(generated.past_key_values)
        fields: dict[str, Any] = {name: tuple(getattr(generated, name)) or None for name in ("scores", "logits")}
        fields["past_key_values"] = cache
        if generated.sequences_scores is None:
            return GenerateDecoderOnlyOutput(sequences, **fields)
        beams = generated.beam_indices
        width = max((len(row) for row in beams), default=0)
        indices = np.array([row + [-1] * (width - len(row)) for row in beams], np.int64)
        of_beams = generated.sequences_scores if stated.get("output_scores") else None
        return GenerateBeamDecoderOnlyOutput(sequences, **fields, sequences_scores=of_beams, beam_indices=indices)

    def generate_async(self, *args: Any, **kwargs: Any) -> Job[Any]:
        """As `generate`, in the background: `await` the job that it returns.

        Calls on one model are computed together, and each gives what it would give alone. Beams, drafts, caches,
        outputs of every step and Python's processors and criteria are computed by themselves.
        """
        alone = ("logits_processor", "stopping_criteria", "prefix_allowed_tokens_fn", "assistant_model", "streamer")
        config = self._stated(kwargs.get("generation_config"), kwargs)
        together = (
            len(args) <= 1
            and not any(kwargs.get(name) for name in alone)
            and all((config.get(name) or 1) == 1 for name in ("num_beams", "num_return_sequences"))
            and not any(config.get(name) for name in ("prompt_lookup_num_tokens", "return_dict_in_generate"))
            and kwargs.get("past_key_values") is None
        )
        if not together:
            return self._generate_alone(*args, **kwargs)
        return self._generate_together(*args, **kwargs)

    def _generate_alone(self, *args: Any, **kwargs: Any) -> Job[Any]:
        cancelled = False

        def cancel() -> None:
            nonlocal cancelled
            cancelled = True

        criteria = [*(kwargs.get("stopping_criteria") or ()), lambda _ids, _scores: cancelled]
        given = {**kwargs, "stopping_criteria": criteria}
        return Job.run(lambda: self.generate(*args, **given), cancel)

    def _generate_together(
        self,
        inputs: ArrayLike | None = None,
        *,
        generation_config: GenerationConfig | Mapping[str, Any] | None = None,
        tokenizer: PreTrainedTokenizerFast | None = None,
        generator: int | np.random.Generator | None = None,
        **kwargs: Any,
    ) -> Job[Any]:
        for name in (
            "logits_processor",
            "stopping_criteria",
            "prefix_allowed_tokens_fn",
            "assistant_model",
            "streamer",
        ):
            kwargs.pop(name, None)
        stated = self._stated(generation_config, kwargs)
        prompts = self._prompts(inputs, kwargs, stated)
        configs = self._configs(generation_config, _keys(kwargs))
        eos = stated.get("eos_token_id")
        first_eos = eos[0] if isinstance(eos, (list, tuple)) and eos else eos
        fill = stated.get("pad_token_id")
        fill = first_eos if fill is None else fill
        future: Future[Any] = Future()
        rows: list[list[int]] = [[] for _ in prompts.rows]
        left = len(rows)

        def finish() -> None:
            width = max(len(row) for row in rows)
            new = np.array([row + [fill or 0] * (width - len(row)) for row in rows], np.int64)
            begun = prompts.ids
            if begun is None or begun.shape[1] == 0:
                begun = np.full((len(rows), 1), stated.get("bos_token_id"), np.int64)
            future.set_result(np.concatenate([begun, new], axis=1))

        def sink_of(row: int) -> Callable[[str, Any], None]:
            def sink(kind: str, value: Any) -> None:
                nonlocal left
                if kind == "token":
                    rows[row].append(value)
                elif future.done():
                    pass
                elif kind == "error":
                    future.set_exception(value)
                else:
                    left -= 1
                    if left == 0:
                        finish()

            return sink

        # A future that runs cannot be cancelled by its waiter alone: the requests end it.
        future.set_running_or_notify_cancel()
        batcher = self._batcher()
        seed = _seed(generator)
        found = None if tokenizer is None else tokenizer._native
        requests = [
            batcher.submit(
                prompt, sink_of(row), seed=(seed + row) % 2**63, tokenizer=found, gives_text=False, **configs
            )
            for row, prompt in enumerate(prompts.rows)
        ]

        def cancel() -> None:
            for request in requests:
                request.cancel()

        return Job(future, cancel)

    def stream(
        self,
        inputs: ArrayLike | str | None = None,
        generation_config: GenerationConfig | Mapping[str, Any] | None = None,
        *,
        tokenizer: PreTrainedTokenizerFast | None = None,
        skip_special_tokens: bool = True,
        generator: int | np.random.Generator | None = None,
        **kwargs: Any,
    ) -> TokenStream:
        """Streams the continuation of one prompt while it is generated.

        Parameters
        ----------
        inputs
            Tokens of shape (seq) or (1, seq), also as `input_ids`; a text where there is a tokenizer.
        tokenizer
            Decodes tokens to text, in whole words; without it the stream yields token ids.
        **kwargs
            As for `generate`.

        Returns
        -------
        TokenStream
            Iterate over it. `close()` ends the generation, and so does the end of a `with` block.
        """
        return TokenStream(
            lambda sink: self._submit(
                inputs,
                generation_config=generation_config,
                tokenizer=tokenizer,
                skip_special_tokens=skip_special_tokens,
                generator=generator,
                sink=sink,
                kwargs=dict(kwargs),
            )
        )

    def stream_async(
        self,
        inputs: ArrayLike | str | None = None,
        generation_config: GenerationConfig | Mapping[str, Any] | None = None,
        *,
        tokenizer: PreTrainedTokenizerFast | None = None,
        skip_special_tokens: bool = True,
        generator: int | np.random.Generator | None = None,
        **kwargs: Any,
    ) -> AsyncTokenStream:
        """As `stream`, for `async for`; cancelling the task ends the generation."""
        return AsyncTokenStream(
            lambda sink: self._submit(
                inputs,
                generation_config=generation_config,
                tokenizer=tokenizer,
                skip_special_tokens=skip_special_tokens,
                generator=generator,
                sink=sink,
                kwargs=dict(kwargs),
            )
        )

    def _submit(
        self,
        inputs: ArrayLike | str | None,
        *,
        generation_config: GenerationConfig | Mapping[str, Any] | None,
        tokenizer: PreTrainedTokenizerFast | None,
        skip_special_tokens: bool,
        generator: int | np.random.Generator | None,
        sink: Callable[[str, Any], None],
        kwargs: dict[str, Any],
    ) -> _native.Request:
        if isinstance(inputs, str):
            if tokenizer is None:
                raise InputError("inputs: a text takes a tokenizer; pass tokenizer=...")
            inputs = tokenizer(inputs)["input_ids"]
        given = kwargs.pop("input_ids", None) if inputs is None else inputs
        if given is not None:
            ids = given if isinstance(given, (list, tuple)) else np.asarray(given)
            kwargs["input_ids"] = ids[None] if isinstance(ids, np.ndarray) and ids.ndim == 1 else ids
        prompts = self._prompts(None, kwargs, self._stated(generation_config, kwargs))
        if len(prompts.rows) != 1:
            raise InputError(f"inputs: a stream goes on from one prompt, found {len(prompts.rows)}")
        return self._batcher().submit(
            prompts.rows[0],
            sink,
            **self._configs(generation_config, _keys(kwargs)),
            seed=_seed(generator),
            tokenizer=None if tokenizer is None else tokenizer._native,
            skip_special_tokens=skip_special_tokens,
        )

    def _batcher(self) -> _native.Batcher:
        known: tuple[int, _native.Batcher] | None = self.__dict__.get("_batcher_of_process")
        # A thread does not survive a fork.
        if known is None or known[0] != os.getpid():
            batcher = _native.Batcher(self._native, _SLOTS)
            known = self._batcher_of_process = (os.getpid(), batcher)
            weakref.finalize(self, _close, os.getpid(), batcher)
        return known[1]

    def _stated(
        self, generation_config: GenerationConfig | Mapping[str, Any] | None, kwargs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The settings of a call over those of its configurations; None in a configuration leaves a key unset."""
        user = {} if generation_config is None else _dict(generation_config)
        return {**self.generation_config.to_dict(), **user, **kwargs}

    def _prompts(self, inputs: ArrayLike | None, kwargs: dict[str, Any], stated: Mapping[str, Any]) -> _Prompts:
        named = kwargs.pop("input_ids", None)
        if inputs is not None and named is not None:
            raise InputError("inputs: pass inputs or input_ids, not both")
        if kwargs.get("inputs_embeds") is not None:
            raise UnsupportedError("not supported: inputs_embeds in generate")
        if kwargs.get("past_key_values") is not None:
            raise UnsupportedError("not supported: past_key_values where calls are computed together; use generate")
        given = named if inputs is None else inputs
        ids = None if given is None else arrays.ids("input_ids", given)
        if ids is not None and ids.size:
            self._native.check_input_ids(ids)
        mask = kwargs.pop("attention_mask", None)
        mask = None if mask is None else arrays.ids("attention_mask", mask)
        if ids is not None and mask is not None and mask.shape != ids.shape:
            raise InputError(f"attention_mask: has shape {mask.shape}, expected that of input_ids, {ids.shape}")
        if ids is not None and mask is None:
            mask = _inferred_mask(ids, stated)
        return _Prompts(ids, mask)

    def _configs(
        self, generation_config: GenerationConfig | Mapping[str, Any] | None, keys: dict[str, Any]
    ) -> dict[str, Any]:
        user = None if generation_config is None else json.dumps(_dict(generation_config))
        try:
            kwargs = json.dumps(keys)
        except TypeError as error:
            raise InputError(f"model_kwargs: {error}") from None
        model_config = self.generation_config.to_json_string()
        warn_of(_native.generation_issues(model_config, user, kwargs))
        return {"model_config": model_config, "user_config": user, "kwargs": kwargs}


def _close(process: int, batcher: _native.Batcher) -> None:
    if process == os.getpid():
        batcher.close()


def _beside_prompts(ids: NDArray[np.int64] | None, generated: _native.Generated) -> NDArray[np.int64]:
    """The prompts, padding included, followed by the generated tokens."""
    found = generated.sequences
    if ids is None or ids.shape[1] == 0:
        return found
    begun = np.repeat(ids, len(found) // len(ids), axis=0)
    return np.concatenate([begun, found[:, generated.prompt_len :]], axis=1)


def _inferred_mask(ids: NDArray[np.int64], stated: Mapping[str, Any]) -> NDArray[np.int64] | None:
    pad, eos = stated.get("pad_token_id"), stated.get("eos_token_id")
    ends = eos if isinstance(eos, (list, tuple)) else [eos]
    if pad is None or pad in ends or not (ids == pad).any():
        return None
    mask: NDArray[np.int64] = (ids != pad).astype(np.int64)
    return mask


def _seed(generator: int | np.random.Generator | None) -> int:
    if generator is None:
        return random.getrandbits(63)
    if isinstance(generator, (int, np.integer)) and not isinstance(generator, bool) and generator >= 0:
        return int(generator) % 2**63
    if isinstance(generator, np.random.Generator):
        return int(generator.integers(2**63))
    raise InputError(f"generator: expected a seed or a numpy.random.Generator, found {generator!r}")


def _dict(config: GenerationConfig | Mapping[str, Any]) -> dict[str, Any]:
    # An object of transformers has the same method; what is not set is None there.
    if not isinstance(config, Mapping) and not callable(getattr(config, "to_dict", None)):
        raise InputError(f"generation_config: expected a GenerationConfig or a dict, found {type(config).__name__}")
    keys = dict(config) if isinstance(config, Mapping) else dict(config.to_dict())
    return {name: value for name, value in keys.items() if value is not None}


def _keys(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments as JSON values."""
    return {name: _plain(name, value) for name, value in kwargs.items()}


def _plain(name: str, value: Any) -> Any:
    if name == "sequence_bias" and isinstance(value, Mapping):
        return [[list(tokens), bias] for tokens, bias in value.items()]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value
