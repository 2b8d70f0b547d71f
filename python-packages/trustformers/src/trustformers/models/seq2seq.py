"""Encoder-decoders, by head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import numpy as np

from trustformers import _native
from trustformers._checks import arrays
from trustformers.errors import InputError, UnsupportedError
from trustformers.generation.mixin import GenerationMixin
from trustformers.models.base import PreTrainedModel
from trustformers.models.cache import EncoderDecoderCache
from trustformers.models.other_outputs import (
    Seq2SeqLMOutput,
    Seq2SeqModelOutput,
    Seq2SeqQuestionAnsweringModelOutput,
    Seq2SeqSequenceClassifierOutput,
)
from trustformers.models.outputs import ModelOutput
from trustformers.models.recording import Recorder, RecordingMixin
from trustformers.models.seq2seq_parts import INTERMEDIATES, Seq2SeqDecoder, Seq2SeqEncoder
from trustformers.models.tensors import RecordedCall, Target, check_inputs, record, recorded_operand
from trustformers.runtime.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from trustformers.generation.intermediates import Forward
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast

__all__ = [
    "Seq2SeqBaseModel",
    "Seq2SeqEncoder",
    "Seq2SeqForConditionalGeneration",
    "Seq2SeqForQuestionAnswering",
    "Seq2SeqForSequenceClassification",
    "Seq2SeqModel",
]

# Families whose language models return a cache with a loss.
_CACHE_WITH_LABELS = frozenset({"t5", "mt5", "umt5", "m2m_100"})
_OF_ENCODER = ("encoder_last_hidden_state", "encoder_hidden_states")
Output = TypeVar("Output", bound=ModelOutput)


class Seq2SeqModel(RecordingMixin, PreTrainedModel, Generic[Output]):
    """An encoder-decoder whose calls return one output class."""

    def forward(  # noqa: PLR0917  # the order of transformers
        self,
        input_ids: ArrayLike | None = None,
        attention_mask: ArrayLike | None = None,
        decoder_input_ids: ArrayLike | None = None,
        decoder_attention_mask: ArrayLike | None = None,
        encoder_outputs: Any = None,
        past_key_values: Any = None,
        inputs_embeds: ArrayLike | None = None,
        decoder_inputs_embeds: ArrayLike | None = None,
        labels: ArrayLike | None = None,
        use_cache: bool | None = None,
        *,
        return_dict: bool | None = None,
        return_tensors: str | None = None,
        **kwargs: Any,
    ) -> Output | tuple[Any, ...]:
        """Runs the model; `model(...)` does the same and always returns the output object.

        Parameters
        ----------
        input_ids, attention_mask
            The source: integers of shape (batch, seq), as lists, arrays or tensors.
        decoder_input_ids, decoder_attention_mask
            The target, (batch, target seq). By default it is made of the labels, or for some families of the source, by
            shifting them to the right. The mask covers the tokens of a cache too.
        encoder_outputs
            The output of `get_encoder()`, or a tuple that begins with its `last_hidden_state`, in place of the source.
        past_key_values
            An `EncoderDecoderCache` of earlier tokens and of the source, to which the new tokens are added.
        inputs_embeds, decoder_inputs_embeds
            Vectors of shape (batch, seq, hidden) in place of ids.
        labels
            Integers of shape (batch, target seq), or classes; -100 is ignored.
        use_cache
            False returns no cache.
        return_dict
            False returns a tuple.
        return_tensors
            `"np"`, `"pt"` or `"tf_rs"`; by default what an input is, or arrays.
        **kwargs
            `output_hidden_states` and `output_attentions`, by default the configuration's; `start_positions` and
            `end_positions` of a question answering head.

        Raises
        ------
        InputError
            An argument does not fit the model; the message names it.
        UnsupportedError
            An argument is not supported.
        """
        if self._followed_keys:
            self._follow_config()
        encoded = _encoded(encoder_outputs)
        given: dict[str, Any] = {
            "input_ids": input_ids,
            "attention_mask": attention_mask,
            "inputs_embeds": inputs_embeds,
            "encoder_outputs": encoded,
        }
        decoder: dict[str, Any] = {
            "decoder_input_ids": decoder_input_ids,
            "decoder_attention_mask": decoder_attention_mask,
            "decoder_inputs_embeds": decoder_inputs_embeds,
            "labels": labels,
        }
        target = Target.of(return_tensors, (*given.values(), *decoder.values()), self._structure.dtype)
        if target is not None:
            check_inputs(given | decoder, self.device)
        wanted = self._requested(kwargs, INTERMEDIATES)
        heads = self._head_arguments({"labels": labels} | kwargs)
        for name in ("start_positions", "end_positions"):
            kwargs.pop(name, None)
        for name, value in kwargs.items():
            if value is not None and value is not False:
                raise UnsupportedError(f"not supported: {name} of an encoder-decoder's forward; leave it out")
        if heads and not self._caches_with_labels:
            use_cache = False
        inputs = {
            **_present("decoder_input_ids", decoder, arrays.ids),
            **_present("decoder_attention_mask", decoder, arrays.ids),
            **_present("decoder_inputs_embeds", decoder, arrays.vectors),
        }
        operand = None if target is None else _operand(given, decoder)
        has_weights = self._records_weights(target, bool(heads))
        is_recorded = operand is not None or has_weights
        if is_recorded:
            self._check_recorded(operand)
            if past_key_values is not None:
                raise UnsupportedError("not supported: past_key_values in training mode; call eval(), or use no_grad()")
        _check_batch(heads, given)
        source = self._source_of(given)
        recorder = Recorder(self, operand) if self.training and has_weights else None
        # A recorded pass keeps no cache.
        cache = None if recorder is not None else self._cache(past_key_values, use_cache)
        computed, encoder = self._computed(recorder, source, inputs, heads | wanted, cache)
        self._note_problem_type(heads)
        fields = self._fields(computed, encoder, encoder_outputs, wanted)
        if cache is not None:
            fields["past_key_values"] = cache
        output = self._output(computed, fields)
        if is_recorded:
            call: Recorder | RecordedCall | None = recorder
            if call is None:
                weights = self._trained_weights() if has_weights else []
                own = _of_one_stack(inputs) | heads
                call = RecordedCall(self._standalone_native(), weights, operand, own, source)
            only_loss = target is None if recorder is not None else operand is None
            record(call.record, output, only_loss=only_loss, constant=() if encoder_outputs is None else _OF_ENCODER)
        if target is not None:
            output._convert(target)
        return output.to_tuple() if return_dict is False else output

    def _computed(
        self,
        recorder: Recorder | None,
        source: _native.EncoderSource,
        inputs: Mapping[str, Any],
        arguments: Mapping[str, Any],
        cache: EncoderDecoderCache | None,
    ) -> tuple[_native.ModelOutput, _native.ModelOutput]:
        """The engine's outputs of the decoder and the encoder."""
        if recorder is not None:
            decoder = recorder(source=source, **_of_one_stack(inputs), **arguments)
            return decoder, recorder.encoder
        past = None if cache is None else cache.native
        found: tuple[_native.ModelOutput, _native.ModelOutput] = self._forward_native.forward_seq2seq(
            source, **inputs, **arguments, past=past
        )
        return found

    def _fields(
        self, computed: _native.ModelOutput, encoder: _native.ModelOutput, given: Any, wanted: Mapping[str, bool]
    ) -> dict[str, Any]:
        """The fields that all output classes share."""
        has_states, has_weights = wanted["output_hidden_states"], wanted["output_attentions"]
        of_encoder = {
            "encoder_last_hidden_state": encoder.last_hidden_state,
            "encoder_hidden_states": tuple(encoder.hidden_states) if has_states else None,
            "encoder_attentions": tuple(encoder.attentions) if has_weights else None,
        }
        if given is not None:
            values = tuple(given.values()) if isinstance(given, ModelOutput) else tuple(given)
            of_encoder = dict(zip(of_encoder, (*values, None, None), strict=False))
        return of_encoder | {
            "loss": None if computed.loss is None else np.float32(computed.loss),
            "decoder_hidden_states": tuple(computed.hidden_states) if has_states else None,
            "decoder_attentions": tuple(computed.attentions) if has_weights else None,
            "cross_attentions": tuple(computed.cross_attentions) if has_weights else None,
        }

    @property
    def _caches_with_labels(self) -> bool:
        """Whether a call with labels returns a cache, as in transformers only some language models' does."""
        return self.base_head == "seq2seq_lm" and self.config.model_type in _CACHE_WITH_LABELS

    def _source_of(self, given: Mapping[str, Any]) -> _native.EncoderSource:
        """The engine's source of these arguments."""
        checks = {
            "input_ids": arrays.ids,
            "attention_mask": arrays.ids,
            "inputs_embeds": arrays.vectors,
            "encoder_outputs": arrays.vectors,
        }
        found: dict[str, Any] = {
            name: check(name, given[name]) for name, check in checks.items() if given.get(name) is not None
        }
        return _native.EncoderSource(**found)

    def _cache(self, past_key_values: Any, use_cache: bool | None) -> EncoderDecoderCache | None:
        """The cache that a call fills; None without one."""
        if past_key_values is not None:
            return EncoderDecoderCache.checked(past_key_values)
        stated = getattr(self.config, "use_cache", True) if use_cache is None else use_cache
        return EncoderDecoderCache.of(_native.PastKeyValues()) if stated else None

    @property
    def _forward_native(self) -> _native.Model:
        """The engine's model that a call runs."""
        return self._native if self._owner is None else self._standalone_native()

    def __call__(self, *args: Any, **kwargs: Any) -> Output:
        """Runs the model; see `forward`."""
        output = self.forward(*args, **kwargs)
        return output  # type: ignore[return-value]  # a tuple only if the caller requests it

    def forward_async(self, *args: Any, **kwargs: Any) -> Job[Output]:
        """Calls the model in the background and returns an awaitable job."""
        return Job.run(lambda: self(*args, **kwargs))

    def get_encoder(self, modality: str | None = None) -> Any:
        """The encoder, which is called with a source."""
        if modality is not None:
            raise UnsupportedError(f"not supported: get_encoder({modality!r}) of a text model")
        return Seq2SeqEncoder(self)

    def _embedded(self, native: _native.Model, inputs: dict[str, Any]) -> Any:
        source = _native.EncoderSource(**inputs)
        return native.encode(source, output_hidden_states=True, output_attentions=False).hidden_states[0]

    def _called_part(self, path: str) -> Any:
        parts: dict[str, Any] = {"encoder": Seq2SeqEncoder, "decoder": Seq2SeqDecoder}
        part = parts.get(path.removeprefix(f"{self.base_model_prefix}."))
        return None if part is None else part(self)

    def prepare_decoder_input_ids_from_labels(self, labels: ArrayLike) -> Any:
        """The labels, shifted to the right: the tokens that the decoder reads to predict them."""
        target = Target.of(None, (labels,), "int64")
        shifted = self._native.shifted(arrays.ids("labels", labels))
        return shifted if target is None else target.convert(shifted)

    # The name in scripts of T5.
    _shift_right = prepare_decoder_input_ids_from_labels

    def _output(self, computed: Any, fields: dict[str, Any]) -> Output:
        raise NotImplementedError


def _check_batch(heads: Mapping[str, Any], source: Mapping[str, Any]) -> None:
    """Checks that labels of tokens, of which the decoder's tokens may be made, have a row for each source.

    Raises
    ------
    InputError
        They do not.
    """
    labels = heads.get("labels")
    rows = next((len(value) for value in source.values() if value is not None), None)
    if labels is not None and labels.ndim == 2 and rows is not None and len(labels) != rows:
        raise InputError(f"labels: has shape {labels.shape}, expected one row for each of {rows} sources")


def _of_one_stack(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Arrays of the decoder, by the names that a model without an encoder has for them."""
    return {name.removeprefix("decoder_"): array for name, array in inputs.items()}


def _present(name: str, given: Mapping[str, Any], check: Any) -> dict[str, Any]:
    return {} if given[name] is None else {name: check(name, given[name])}


def _operand(source: dict[str, Any], decoder: dict[str, Any]) -> _native.Tensor | None:
    """The vectors of a source that are recorded for their gradient; None if there are none.

    Raises
    ------
    UnsupportedError
        Vectors of the decoder require a gradient.
    """
    if recorded_operand(decoder, "decoder_inputs_embeds") is not None:
        raise UnsupportedError(
            "not supported: decoder_inputs_embeds that require a gradient; pass decoder_inputs_embeds.detach()"
        )
    encoded = recorded_operand(source, "encoder_outputs")
    return recorded_operand(source) if encoded is None else encoded


def _encoded(encoder_outputs: Any) -> Any:
    """The last hidden states of an encoder's output."""
    if encoder_outputs is None:
        return None
    if isinstance(encoder_outputs, (tuple, list, ModelOutput)):
        if not len(encoder_outputs):
            raise InputError("encoder_outputs: expected the output of get_encoder(), found nothing")
        return encoder_outputs[0]
    kind = type(encoder_outputs).__name__
    raise InputError(f"encoder_outputs: expected the output of get_encoder(), or a tuple, found {kind}")


class Seq2SeqBaseModel(Seq2SeqModel[Seq2SeqModelOutput]):
    """An encoder-decoder without a head."""

    base_head: ClassVar[str] = "base"

    def _output(self, computed: Any, fields: dict[str, Any]) -> Seq2SeqModelOutput:
        del fields["loss"]
        return Seq2SeqModelOutput(computed.last_hidden_state, **fields)


class Seq2SeqForConditionalGeneration(GenerationMixin, Seq2SeqModel[Seq2SeqLMOutput]):
    """An encoder-decoder language model, which predicts the next token of a target."""

    base_head: ClassVar[str] = "seq2seq_lm"

    def _head_arguments(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        found = super()._head_arguments(kwargs)
        if "targets" in found:
            raise InputError(f"labels: expected token ids, found {found['targets'].dtype}")
        if found and found["labels"].ndim != 2:
            raise InputError(f"labels: has shape {found['labels'].shape}, expected (batch, target seq)")
        return found

    def _prompted(
        self, inputs: Any, kwargs: dict[str, Any], tokenizer: PreTrainedTokenizerFast | None
    ) -> tuple[NDArray[np.int64] | str | None, NDArray[np.int64] | None, _native.EncoderSource | None]:
        """Pops the prompts of the decoder, their mask and the source."""
        given = kwargs.pop("input_ids", None)
        if inputs is not None and given is not None:
            raise InputError("inputs: pass inputs or input_ids, not both")
        given = given if inputs is None else inputs
        if isinstance(given, str):
            if tokenizer is None:
                raise InputError("inputs: a text takes a tokenizer; pass tokenizer=...")
            given = [tokenizer(given)["input_ids"]]
        source = {
            "input_ids": given,
            "attention_mask": kwargs.pop("attention_mask", None),
            "inputs_embeds": kwargs.pop("inputs_embeds", None),
            "encoder_outputs": _encoded(kwargs.pop("encoder_outputs", None)),
        }
        if kwargs.pop("past_key_values", None) is not None:
            raise UnsupportedError("not supported: past_key_values in generate() of an encoder-decoder")
        prompts, mask = kwargs.pop("decoder_input_ids", None), kwargs.pop("decoder_attention_mask", None)
        return (
            None if prompts is None else arrays.ids("decoder_input_ids", prompts),
            None if mask is None else arrays.ids("decoder_attention_mask", mask),
            self._source_of(source),
        )

    def _step_forward(
        self, generated: _native.Generated, source_mask: ArrayLike | None, wanted: Mapping[str, bool]
    ) -> Forward:
        """Computes the intermediates of the decoder for generated sequences."""
        encoder = generated.encoder
        states = None if encoder is None else encoder.last_hidden_state
        if states is None:
            raise AssertionError("an output object has the encoder's states")
        of_source = None if source_mask is None else arrays.ids("attention_mask", source_mask)

        def forward(ids: NDArray[np.int64], mask: NDArray[np.int64], prompts: NDArray[np.intp]) -> dict[str, Any]:
            source: dict[str, Any] = {"encoder_outputs": states[prompts]}
            if of_source is not None:
                source["attention_mask"] = of_source[prompts]
            target: dict[str, Any] = {"decoder_input_ids": ids, "decoder_attention_mask": mask} | dict(wanted)
            output, _ = self._forward_native.forward_seq2seq(self._source_of(source), **target)
            values = {"hidden_states": output.hidden_states} if wanted["output_hidden_states"] else {}
            if wanted["output_attentions"]:
                values |= {"attentions": output.attentions, "cross_attentions": output.cross_attentions}
            return values

        return forward

    def _guidance(self, *args: Any) -> Callable[..., Any] | None:
        processor = super()._guidance(*args)
        if processor is not None and not self._native.shifts_source:
            raise UnsupportedError(
                f"not supported: guidance_scale of {type(self).__name__}; the unconditional scores are those of a call "
                "without decoder_input_ids, which this family does not take"
            )
        return processor

    def _output(self, computed: Any, fields: dict[str, Any]) -> Seq2SeqLMOutput:
        return Seq2SeqLMOutput(logits=computed.logits, **fields)


class Seq2SeqForSequenceClassification(Seq2SeqModel[Seq2SeqSequenceClassifierOutput]):
    """A sequence classifier on the decoder's state at the end of the source."""

    base_head: ClassVar[str] = "sequence_classification"
    _followed_keys: ClassVar[tuple[str, ...]] = ("pad_token_id", "problem_type")

    def _output(self, computed: Any, fields: dict[str, Any]) -> Seq2SeqSequenceClassifierOutput:
        return Seq2SeqSequenceClassifierOutput(logits=computed.logits, **fields)


class Seq2SeqForQuestionAnswering(Seq2SeqModel[Seq2SeqQuestionAnsweringModelOutput]):
    """An extractive question answering model on the decoder's states."""

    base_head: ClassVar[str] = "question_answering"

    def _head_arguments(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        positions = {name: kwargs.pop(name, None) for name in ("start_positions", "end_positions")}
        if any(value is None for value in positions.values()):
            return {}
        found = {name: arrays.labels(name, value) for name, value in positions.items()}
        for name, array in found.items():
            if array.dtype != np.int64:
                raise InputError(f"{name}: expected integers, found {array.dtype}")
        return found

    def _output(self, computed: Any, fields: dict[str, Any]) -> Seq2SeqQuestionAnsweringModelOutput:
        logits = computed.logits
        start, end = np.ascontiguousarray(logits[..., 0]), np.ascontiguousarray(logits[..., 1])
        return Seq2SeqQuestionAnsweringModelOutput(start_logits=start, end_logits=end, **fields)
