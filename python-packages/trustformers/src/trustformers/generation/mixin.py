"""`generate` and streaming, for models that generate tokens."""

from __future__ import annotations

import os
import random
import sys
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers._checks import arrays, saving
from trustformers._checks.tensors import as_array
from trustformers.errors import InputError, UnsupportedError
from trustformers.generation.callbacks import callbacks, called_list, without_replaced
from trustformers.generation.config import (
    GenerationConfig,
    keys_of,
    known_keys,
    load_generation_config,
    named_types,
    plain,
    warn_of,
)
from trustformers.generation.intermediates import Forward, StepRecorder, cache_windows, sampled_steps, step_values
from trustformers.generation.logits_process import UnbatchedClassifierFreeGuidanceLogitsProcessor
from trustformers.generation.model_inputs import ModelInputsMixin
from trustformers.generation.outputs import (
    BeamSampleDecoderOnlyOutput,
    BeamSampleEncoderDecoderOutput,
    BeamSearchDecoderOnlyOutput,
    BeamSearchEncoderDecoderOutput,
    ContrastiveSearchDecoderOnlyOutput,
    ContrastiveSearchEncoderDecoderOutput,
    GenerateBeamDecoderOnlyOutput,
    GenerateBeamEncoderDecoderOutput,
    GenerateBeamOutput,
    GenerateDecoderOnlyOutput,
    GenerateEncoderDecoderOutput,
    GenerateNonBeamOutput,
    GenerateOutput,
    GreedySearchDecoderOnlyOutput,
    GreedySearchEncoderDecoderOutput,
    SampleDecoderOnlyOutput,
    SampleEncoderDecoderOutput,
)
from trustformers.generation.streamers import failures_reach
from trustformers.generation.streams import AsyncTokenStream, TokenStream
from trustformers.generation.transitions import transition_scores
from trustformers.models.cache import DynamicCache, EncoderDecoderCache, filled
from trustformers.models.tensors import Target, check_inputs
from trustformers.runtime.jobs import Job

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from trustformers.generation.streamers import BaseStreamer
    from trustformers.models.base import PreTrainedModel as _Model
    from trustformers.models.outputs import ModelOutput
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast
else:
    # Classes that name PreTrainedModel before GenerationMixin would have no order of bases.
    _Model = object

__all__ = [
    "BeamSampleDecoderOnlyOutput",
    "BeamSampleEncoderDecoderOutput",
    "BeamSearchDecoderOnlyOutput",
    "BeamSearchEncoderDecoderOutput",
    "ContrastiveSearchDecoderOnlyOutput",
    "ContrastiveSearchEncoderDecoderOutput",
    "GenerateBeamDecoderOnlyOutput",
    "GenerateBeamEncoderDecoderOutput",
    "GenerateBeamOutput",
    "GenerateDecoderOnlyOutput",
    "GenerateEncoderDecoderOutput",
    "GenerateNonBeamOutput",
    "GenerateOutput",
    "GenerationMixin",
    "GreedySearchDecoderOnlyOutput",
    "GreedySearchEncoderDecoderOutput",
    "SampleDecoderOnlyOutput",
    "SampleEncoderDecoderOutput",
]

# Arguments of calls that are not batched with other calls.
_UNBATCHED = (
    "logits_processor",
    "stopping_criteria",
    "prefix_allowed_tokens_fn",
    "synced_gpus",
    "assistant_model",
    "streamer",
    "guidance_scale",
    "negative_prompt_ids",
    "negative_prompt_attention_mask",
    "custom_generate",
)


class GenerationMixin(ModelInputsMixin, _Model):
    """Models with `generate`, which continues prompts."""

    @property
    def generation_config(self) -> GenerationConfig:
        """The default settings of `generate`."""
        if "_generation_config" not in self.__dict__:
            self._generation_config = load_generation_config(self._directory, self._native.config())
        return self._generation_config

    @generation_config.setter
    def generation_config(self, config: GenerationConfig) -> None:
        self._generation_config = config

    def compute_transition_scores(
        self, sequences: Any, scores: Any, beam_indices: Any = None, normalize_logits: bool = False
    ) -> Any:
        """The score of each generated token, given what `generate` returns with `output_scores`.

        Parameters
        ----------
        sequences, scores, beam_indices
            Fields of the output of `generate`.
        normalize_logits
            Whether the scores of a step are normalized to logarithms of probabilities.

        Returns
        -------
        numpy.ndarray or Tensor
            float32 of shape (sequences, steps), of the library that `sequences` are of.
        """
        return transition_scores(sequences, scores, beam_indices, normalize_logits=normalize_logits)

    @classmethod
    def can_generate(cls) -> bool:
        """Whether the model has `generate`: True."""
        return True

    def save_pretrained(self, save_directory: str | os.PathLike[str], **kwargs: Any) -> None:
        """Writes `config.json`, `generation_config.json` and `model.safetensors` into a directory.

        Parameters
        ----------
        save_directory
            The directory.
        **kwargs
            Options of transformers: `is_main_process=False` writes nothing, weights larger than `max_shard_size`
            are divided into several files, and an option that would write other files raises.

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
        synced_gpus: bool | None = None,
        assistant_model: GenerationMixin | None = None,
        streamer: BaseStreamer | None = None,
        negative_prompt_ids: ArrayLike | None = None,
        negative_prompt_attention_mask: ArrayLike | None = None,
        custom_generate: str | Callable[..., Any] | None = None,
        *,
        tokenizer: PreTrainedTokenizerFast | None = None,
        generator: int | np.random.Generator | None = None,
        return_tensors: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Generates tokens that continue prompts.

        Parameters
        ----------
        inputs
            Token ids of shape (batch, seq), also as `input_ids`: an array, a `Tensor` or lists; a list of ids is a
            batch of one. Without prompts, or for an empty prompt, generation starts with `bos_token_id`.
        generation_config
            Settings that take precedence over the model's own.
        logits_processor
            Callables that receive the token ids (rows, seq) and the scores (rows, vocab) of all sequences at every
            step, and return scores; with torch tensors among the inputs, torch tensors. The classes of this package run
            in the engine; generation waits for others. A processor replaces the one that an argument stands for.
        stopping_criteria
            Callables that receive the token ids (rows, seq), and with `output_scores` the scores of each step, and
            return a bool for all sequences or one for each.
        prefix_allowed_tokens_fn
            Returns the allowed next tokens, given a prompt's index and the tokens so far.
        synced_gpus
            Without effect if false, and not supported if true.
        assistant_model
            A smaller model with the same vocabulary that drafts tokens.
        streamer
            Receives tokens as they are generated.
        negative_prompt_ids, negative_prompt_attention_mask
            With `guidance_scale`, the prompts that the scores are moved away from, (batch, seq); by default the last
            token of each prompt.
        custom_generate
            Not supported.
        tokenizer
            Decodes tokens to find `stop_strings`.
        generator
            The seed of sampling, or a generator that generates one; by default the seed comes from Python's `random`,
            which `set_seed` seeds.
        return_tensors
            `"np"` returns NumPy arrays, `"pt"` tensors of torch, `"tf_rs"` `Tensor`s; by default what an input is, or
            arrays. Without a prompt the default is tensors of torch if torch is imported.
        **kwargs
            `attention_mask`, `past_key_values`, and the keys of `GenerationConfig`. Prompts must start with the tokens
            in the cache, which are not computed again; all but the last token of each returned sequence are added to
            the cache. Beam search continues from a copy of the cache, and adds only the prompts without their last
            tokens, if the cache holds one sequence per prompt. With `use_cache=False` every step computes whole
            sequences.

        Returns
        -------
        numpy.ndarray or Tensor
            int64 of shape (batch, seq): each prompt and its generated tokens, padded with `pad_token_id`. With
            `return_dict_in_generate`, an output object with the cache and float32 scores instead; beam search returns
            only a cache that was passed. `output_hidden_states` and `output_attentions` cost one more pass over the
            sequences.

        Raises
        ------
        InputError
            An argument does not fit the model or another argument, or logits are NaN; the message names it.
        UnsupportedError
            An argument is not supported.
        """
        with failures_reach(streamer):
            if custom_generate is not None:
                raise UnsupportedError(
                    "not supported: custom_generate, a loop over the steps of a torch module; call the loop with the "
                    "model"
                )
            if synced_gpus:
                raise UnsupportedError("not supported: synced_gpus=True; every process generates by itself")
            target = _target(return_tensors, inputs, kwargs)
            if target is not None:
                check_inputs({"inputs": inputs, **kwargs}, self.device)
            past = kwargs.pop("past_key_values", None)
            cache = None if past is None else filled(past)
            if streamer is not None and not (hasattr(streamer, "put") and hasattr(streamer, "end")):
                raise InputError(f"streamer: expected an object with put and end, found {type(streamer).__name__}")
            source_mask = kwargs.get("attention_mask")
            prompts, mask, source = self._prompted(inputs, kwargs, tokenizer)
            length = 1 if prompts is None or isinstance(prompts, str) else max(prompts.shape[1], 1)
            processors = without_replaced(kwargs, called_list("logits_processor", logits_processor), length)
            criteria = without_replaced(kwargs, called_list("stopping_criteria", stopping_criteria), length)
            guidance = self._guidance(generation_config, kwargs, negative_prompt_ids, negative_prompt_attention_mask)
            settings = self._settings(generation_config, kwargs)
            request = self._request(settings, prompts, mask, tokenizer=tokenizer, generator=generator, source=source)
            returns_intermediates = settings.outputs_hidden_states or settings.outputs_attentions
            # Beams are no beginnings of the returned sequences.
            recorder = StepRecorder(guidance) if returns_intermediates and settings.num_beams > 1 else None
            num_cached = 0 if cache is None else cache.get_seq_length()
            called = callbacks(
                target,
                guidance=recorder or guidance,
                logits_processor=processors,
                stopping_criteria=criteria,
                prefix_allowed_tokens_fn=prefix_allowed_tokens_fn,
                streamer=streamer,
                keeps_scores=settings.outputs_scores,
            )
            generated = _native.generate(
                request,
                called,
                assistant=None
                if assistant_model is None
                else (assistant_model._native, assistant_model.generation_config.to_dict()),
                past=None if cache is None else cache.native,
            )
            if not settings.returns_dict:
                return generated.sequences if target is None else target.convert(generated.sequences)
            if generated.past_key_values is not None:
                cache = DynamicCache.of(generated.past_key_values)
            fields: dict[str, Any] = {name: tuple(getattr(generated, name)) or None for name in ("scores", "logits")}
            fields["past_key_values"] = cache
            if returns_intermediates:
                prompt_mask = request.attention_mask
                steps = sampled_steps(generated.sequences, prompt_mask.shape[1]) if recorder is None else recorder.steps
                wanted = {
                    "output_hidden_states": settings.outputs_hidden_states,
                    "output_attentions": settings.outputs_attentions,
                }
                forward = self._step_forward(generated, source_mask, wanted)
                cached = num_cached if settings.uses_cache else None
                fields |= step_values(forward, steps, prompt_mask, cached=cached, windows=cache_windows(self.config))
            if source is not None:
                output: ModelOutput = _seq2seq_output(generated, fields)
            elif generated.beam_indices is None:
                output = GenerateDecoderOnlyOutput(generated.sequences, **fields)
            else:
                output = GenerateBeamDecoderOnlyOutput(
                    generated.sequences,
                    **fields,
                    sequences_scores=generated.sequences_scores,
                    beam_indices=generated.beam_indices.astype(np.int32),
                )
            return output if target is None else output._convert(target)

    def _prompted(
        self, inputs: Any, kwargs: dict[str, Any], _tokenizer: PreTrainedTokenizerFast | None
    ) -> tuple[NDArray[np.int64] | str | None, NDArray[np.int64] | None, _native.EncoderSource | None]:
        """Pops the prompts and their mask, and the source of an encoder-decoder."""
        return (*_prompts(inputs, kwargs), None)

    def _step_forward(
        self, generated: _native.Generated, source_mask: ArrayLike | None, wanted: Mapping[str, bool]
    ) -> Forward:
        """Computes the hidden states and attention weights of generated sequences."""

        def forward(ids: NDArray[np.int64], mask: NDArray[np.int64], _prompts: Any) -> dict[str, Any]:
            positions = np.maximum(mask.cumsum(axis=1) - 1, 0)
            output = self._forward(input_ids=ids, attention_mask=mask, position_ids=positions, **wanted)
            values = {"hidden_states": output.hidden_states, "attentions": output.attentions}
            return {name: layers for name, layers in values.items() if wanted[f"output_{name}"]}

        return forward

    def _guidance(
        self,
        generation_config: GenerationConfig | Mapping[str, Any] | None,
        kwargs: dict[str, Any],
        negative_prompt_ids: Any,
        negative_prompt_attention_mask: Any,
    ) -> Callable[..., Any] | None:
        """The processor of `guidance_scale`, which is not among the engine's; the key is neutral afterwards."""
        user = {} if generation_config is None else keys_of(generation_config)
        scale = kwargs.get("guidance_scale", user.get("guidance_scale") or self.generation_config.guidance_scale)
        if scale is None or scale == 1:
            return None
        kwargs["guidance_scale"] = 1.0
        uses_cache = kwargs.get("use_cache", user.get("use_cache", True))
        return UnbatchedClassifierFreeGuidanceLogitsProcessor(
            scale, self, negative_prompt_ids, negative_prompt_attention_mask, uses_cache is not False
        )

    def generate_async(self, *args: Any, **kwargs: Any) -> Job[Any]:
        """Runs `generate` in the background and returns an awaitable job.

        Concurrent calls on one model are batched, and their results equal those of separate calls. Calls with beam
        search, an assistant model, a cache, outputs of every step, or Python processors or criteria are not batched.
        """
        is_unbatched = len(args) > 1 or any(kwargs.get(name) is not None for name in (*_UNBATCHED, "past_key_values"))
        batched_kwargs = {name: value for name, value in kwargs.items() if name not in _UNBATCHED}
        job = None if is_unbatched else self._generate_batched(*args, **batched_kwargs)
        return self._generate_unbatched(*args, **kwargs) if job is None else job

    def _is_batched(self, kwargs: Mapping[str, Any]) -> bool:
        """Whether `generate_async` batches a call with these arguments."""
        if any(kwargs.get(name) is not None for name in (*_UNBATCHED, "past_key_values")):
            return False
        config = kwargs.get("generation_config")
        keys = {name: value for name, value in kwargs.items() if name in known_keys()}
        user = None if config is None else keys_of(config)
        with named_types():
            return _native.GenerationSettings(self.generation_config.to_dict(), user, plain(keys)).can_batch

    def _generate_unbatched(self, *args: Any, **kwargs: Any) -> Job[Any]:
        cancelled = False

        def cancel() -> None:
            nonlocal cancelled
            cancelled = True

        criteria = [*(kwargs.get("stopping_criteria") or ()), lambda _ids, _scores: cancelled]
        given = {**kwargs, "stopping_criteria": criteria}
        return Job.run(lambda: self.generate(*args, **given), cancel)

    def _generate_batched(
        self,
        inputs: ArrayLike | None = None,
        *,
        generation_config: GenerationConfig | Mapping[str, Any] | None = None,
        tokenizer: PreTrainedTokenizerFast | None = None,
        generator: int | np.random.Generator | None = None,
        return_tensors: str | None = None,
        **kwargs: Any,
    ) -> Job[Any] | None:
        target = _target(return_tensors, inputs, kwargs)
        prompts, mask, source = self._prompted(inputs, kwargs, tokenizer)
        settings = self._settings(generation_config, kwargs)
        if not settings.can_batch or _has_padded_targets(source, mask):
            return None
        request = self._request(settings, prompts, mask, tokenizer=tokenizer, generator=generator, source=source)
        future: Future[Any] = Future() if target is None else _TensorFuture(target)
        # Cancelling a running future has no effect by itself: the request must end.
        future.set_running_or_notify_cancel()
        return Job(future, self._batcher().generate(request, future).cancel)

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
            Token ids of shape (seq,) or (1, seq), also as `input_ids`; with a tokenizer also a text. For an
            encoder-decoder it is the source.
        tokenizer
            Decodes tokens to text, in whole words; without it the stream yields token ids.
        **kwargs
            As for `generate`.

        Returns
        -------
        TokenStream
            An iterator. `close()`, or the end of a `with` block, ends the generation.
        """
        request = self._stream_request(inputs, generation_config, kwargs, tokenizer=tokenizer, generator=generator)
        return TokenStream(self._batcher().stream(request, skip_special_tokens=skip_special_tokens))

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
        """Streams like `stream`, for `async for`; cancelling the task ends the generation."""

        def submit(ready: Callable[[], object]) -> _native.GenerationStream:
            given = dict(kwargs)
            request = self._stream_request(inputs, generation_config, given, tokenizer=tokenizer, generator=generator)
            return self._batcher().stream(request, skip_special_tokens=skip_special_tokens, ready=ready)

        return AsyncTokenStream(submit)

    def _stream_request(
        self,
        inputs: ArrayLike | str | None,
        generation_config: GenerationConfig | Mapping[str, Any] | None,
        kwargs: dict[str, Any],
        *,
        tokenizer: PreTrainedTokenizerFast | None,
        generator: int | np.random.Generator | None,
    ) -> _native.GenerationRequest:
        given = kwargs.pop("input_ids", None) if inputs is None else inputs
        # One prompt, which needs no batch dimension.
        if given is not None and not isinstance(given, (str, list, tuple)):
            array = np.asarray(as_array(given))
            given = array[None] if array.ndim == 1 else array
        prompts, mask, source = self._prompted(given, kwargs, tokenizer)
        if _has_padded_targets(source, mask):
            raise UnsupportedError(
                "not supported: decoder_attention_mask with masked tokens in a stream; leave masked tokens out of "
                "decoder_input_ids"
            )
        settings = self._settings(generation_config, kwargs)
        return self._request(settings, prompts, mask, tokenizer=tokenizer, generator=generator, source=source)

    def _batcher(self) -> _native.Batcher:
        # Changed parameters replace the engine's model, and close the batcher of the previous one.
        model = self._native
        current: tuple[int, _native.Batcher] | None = self.__dict__.get("_batcher_of_process")
        if self._adapters is not None and self.__dict__.get("_batched_model") is not model:
            # So do other adapters.
            if current is not None:
                _close(*current)
            current, self.__dict__["_batched_model"] = None, model
        # A thread does not survive a fork.
        if current is None or current[0] != os.getpid():
            batcher = _native.Batcher(model)
            current = self._batcher_of_process = (os.getpid(), batcher)
            weakref.finalize(self, _close, os.getpid(), batcher)
        return current[1]

    def _replace_native(self, native: _native.Model) -> None:
        super()._replace_native(native)
        current = self.__dict__.pop("_batcher_of_process", None)
        if current is not None:
            _close(*current)

    def _settings(
        self, generation_config: GenerationConfig | Mapping[str, Any] | None, kwargs: dict[str, Any]
    ) -> _native.GenerationSettings:
        user = None if generation_config is None else keys_of(generation_config)
        with named_types():
            settings = _native.GenerationSettings(self.generation_config.to_dict(), user, plain(kwargs))
        warn_of(settings.issues)
        return settings

    def _request(
        self,
        settings: _native.GenerationSettings,
        inputs: NDArray[np.int64] | str | None,
        attention_mask: NDArray[np.int64] | None,
        *,
        tokenizer: PreTrainedTokenizerFast | None,
        generator: int | np.random.Generator | None,
        source: _native.EncoderSource | None = None,
    ) -> _native.GenerationRequest:
        return _native.GenerationRequest(
            self._native,
            settings,
            seed=_seed(generator),
            inputs=inputs,
            attention_mask=attention_mask,
            tokenizer=None if tokenizer is None else tokenizer._native,
            source=source,
        )


class _TensorFuture(Future[Any]):
    """A future whose result is converted to tensors."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self._target = target

    def set_result(self, result: Any) -> None:
        try:
            converted = self._target.convert(result)
        except Exception as error:
            self.set_exception(error)
        else:
            super().set_result(converted)


def _target(return_tensors: Any, inputs: ArrayLike | None, kwargs: Mapping[str, Any]) -> Target | None:
    """What `generate` returns: what its arrays are, and without any what scripts of the process use.

    Scores are float32, whatever the dtype of the model.
    """
    given = (inputs, kwargs.get("input_ids"), kwargs.get("attention_mask"))
    if return_tensors is None and sys.modules.get("torch") is not None and all(value is None for value in given):
        return_tensors = "pt"
    return Target.of(return_tensors, given, "float32")


def _seq2seq_output(generated: _native.Generated, fields: dict[str, Any]) -> ModelOutput:
    encoder = generated.encoder
    if encoder is not None:
        fields["encoder_hidden_states"] = tuple(encoder.hidden_states) or None
        fields["encoder_attentions"] = tuple(encoder.attentions) or None
    for name in ("hidden_states", "attentions"):
        if name in fields:
            fields[f"decoder_{name}"] = fields.pop(name)
    if fields["past_key_values"] is not None:
        fields["past_key_values"] = EncoderDecoderCache.of(fields["past_key_values"].native)
    if generated.beam_indices is None:
        return GenerateEncoderDecoderOutput(generated.sequences, **fields)
    return GenerateBeamEncoderDecoderOutput(
        generated.sequences,
        **fields,
        sequences_scores=generated.sequences_scores,
        beam_indices=generated.beam_indices.astype(np.int32),
    )


def _has_padded_targets(source: _native.EncoderSource | None, mask: NDArray[np.int64] | None) -> bool:
    """Whether the prompts of an encoder-decoder's decoder are padded."""
    return source is not None and mask is not None and not mask.all()


def _close(process: int, batcher: _native.Batcher) -> None:
    if process == os.getpid():
        batcher.close()


def _prompts(
    inputs: ArrayLike | str | None, kwargs: dict[str, Any]
) -> tuple[NDArray[np.int64] | str | None, NDArray[np.int64] | None]:
    """Pops the prompts and their mask from the arguments."""
    input_ids, mask = kwargs.pop("input_ids", None), kwargs.pop("attention_mask", None)
    if inputs is not None and input_ids is not None:
        raise InputError("inputs: pass inputs or input_ids, not both")
    if kwargs.get("inputs_embeds") is not None:
        raise UnsupportedError("not supported: inputs_embeds in generate")
    if kwargs.get("past_key_values") is not None:
        raise UnsupportedError("not supported: past_key_values in batched calls; use generate")
    given = input_ids if inputs is None else inputs
    prompts = given if given is None or isinstance(given, str) else arrays.ids("input_ids", given)
    return prompts, None if mask is None else arrays.ids("attention_mask", mask)


def _seed(generator: int | np.random.Generator | None) -> int:
    if generator is None:
        return random.getrandbits(63)
    if isinstance(generator, (int, np.integer)) and not isinstance(generator, bool) and generator >= 0:
        return int(generator) % 2**63
    if isinstance(generator, np.random.Generator):
        return int(generator.integers(2**63))
    raise InputError(f"generator: expected a seed or a numpy.random.Generator, found {generator!r}")
