"""Models by head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import numpy as np

from trustformers import _native
from trustformers._checks import arrays
from trustformers.errors import InputError, UnsupportedError
from trustformers.generation.mixin import GenerationMixin
from trustformers.models.base import PreTrainedModel
from trustformers.models.cache import DynamicCache, filled
from trustformers.models.configuration import is_decoder
from trustformers.models.other_outputs import BaseModelOutput, MoeCausalLMOutputWithPast, MoeModelOutputWithPast
from trustformers.models.outputs import (
    BaseModelOutputWithPast,
    BaseModelOutputWithPooling,
    CausalLMOutputWithPast,
    MaskedLMOutput,
    ModelOutput,
    QuestionAnsweringModelOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)
from trustformers.models.recording import Recorder, RecordingMixin
from trustformers.models.tensors import RecordedCall, Target, check_inputs, record, recorded_operand
from trustformers.runtime.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from trustformers.models.configuration import PreTrainedConfig

__all__ = [
    "BaseModel",
    "CachedModel",
    "ModelForCausalLM",
    "ModelForMaskedLM",
    "ModelForQuestionAnswering",
    "ModelForSequenceClassification",
    "ModelForTokenClassification",
    "RunnableModel",
    "TextEncoder",
]

Output = TypeVar("Output", bound=ModelOutput)


class RunnableModel(RecordingMixin, PreTrainedModel, Generic[Output]):
    """A model whose calls return one output class."""

    def forward(
        self,
        input_ids: ArrayLike | None = None,
        attention_mask: ArrayLike | None = None,
        token_type_ids: ArrayLike | None = None,
        position_ids: ArrayLike | None = None,
        *,
        return_dict: bool | None = None,
        return_tensors: str | None = None,
        max_length: int | None = None,
        **kwargs: Any,
    ) -> Output | tuple[Any, ...]:
        """Runs the model; `model(...)` does the same and always returns the output object.

        Parameters
        ----------
        input_ids, attention_mask, token_type_ids, position_ids
            Integers of shape (batch, seq), as lists, arrays or `Tensor`s of any integer dtype and device; a list of
            integers is a batch of one. Without a mask no token is padding; `token_type_ids` default to zeros,
            `position_ids` to those of the family.
        return_dict
            False returns a tuple.
        return_tensors
            `"np"` returns NumPy arrays, `"pt"` tensors of torch, `"tf_rs"` `Tensor`s; by default what an input is, or
            arrays.
        max_length
            The number of tokens that sequence inputs, and labels of tokens, are truncated to.
        **kwargs
            `inputs_embeds` of shape (batch, seq, hidden) in place of `input_ids`; if it is a `Tensor` that requires a
            gradient, so do the outputs other than attention weights; `task_type_ids` of ERNIE;
            `output_hidden_states`, `output_attentions` and, of a model with experts, `output_router_logits`, by default
            the configuration's; the last adds the load-balancing loss to that of labels; `labels`, or
            `start_positions` and `end_positions`, for the loss of a head; for a decoder `past_key_values`, a
            `DynamicCache` to which the new tokens are added and whose tokens the mask covers too, and `use_cache`: True
            fills the returned cache at once, False returns none, and by default it is filled on first use.

        Returns
        -------
        ModelOutput
            Arrays or `Tensor`s in float32 for any dtype of the model, or tensors of torch in the model's dtype, on the
            device of the first such input. Masked positions are not computed unless a loss depends on them; they hold
            zeros.

        Raises
        ------
        InputError
            An argument does not fit the model; the message names it.
        UnsupportedError
            An argument is not supported.
        """
        positional = (input_ids, attention_mask, token_type_ids, position_ids)
        target = Target.of(return_tensors, (*positional, *kwargs.values()), self._structure.dtype)
        operand = None
        if target is not None:
            names = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
            check_inputs(dict(zip(names, positional, strict=True)) | kwargs, self.device)
            operand = recorded_operand(kwargs)
        has_labels = any(kwargs.get(name) is not None for name in ("labels", "start_positions"))
        has_weights = self._records_weights(target, has_labels)
        if operand is not None or has_weights:
            self._check_recorded(operand)
        recorder = Recorder(self, operand) if self.training and has_weights else None
        computed, fields, inputs = self._run(*positional, kwargs, max_length=max_length, recorder=recorder)
        output = self._output(computed, fields)
        if recorder is not None:
            record(recorder.record, output, only_loss=target is None)
        elif operand is not None or has_weights:
            weights = self._trained_weights() if has_weights else []
            call = RecordedCall(self._standalone_native(), weights, operand, inputs)
            record(call.record, output, only_loss=operand is None)
        if target is not None:
            output._convert(target)
        return output.to_tuple() if return_dict is False else output

    def __call__(
        self,
        input_ids: ArrayLike | None = None,
        attention_mask: ArrayLike | None = None,
        token_type_ids: ArrayLike | None = None,
        position_ids: ArrayLike | None = None,
        **kwargs: Any,
    ) -> Output:
        """Runs the model; see `forward`."""
        output = self.forward(input_ids, attention_mask, token_type_ids, position_ids, **kwargs)
        return output  # type: ignore[return-value]  # a tuple only if the caller requests it

    def forward_async(
        self,
        input_ids: ArrayLike | None = None,
        attention_mask: ArrayLike | None = None,
        token_type_ids: ArrayLike | None = None,
        position_ids: ArrayLike | None = None,
        **kwargs: Any,
    ) -> Job[Output]:
        """Calls the model in the background and returns an awaitable job."""
        return Job.run(lambda: self(input_ids, attention_mask, token_type_ids, position_ids, **kwargs))

    def _output(self, computed: Any, fields: dict[str, Any]) -> Output:
        raise NotImplementedError


class CachedModel(RunnableModel[Output]):
    """A model that may have a key-value cache."""

    def _cache_factory(
        self, kwargs: dict[str, Any], *, is_recorded: bool = False
    ) -> Callable[[dict[str, Any]], DynamicCache | None] | None:
        if not is_decoder(self.config.model_type):
            return None
        use_cache, past = kwargs.pop("use_cache", None), kwargs.pop("past_key_values", None)
        if not self._structure.is_causal:
            if use_cache or past is not None:
                raise UnsupportedError("not supported: past_key_values of a model with bidirectional attention")
            return lambda _inputs: None

        def cache_of(inputs: dict[str, Any]) -> DynamicCache | None:
            if past is not None:
                cache = filled(past)
                if is_recorded and not cache.is_initialized:
                    cache.fill_later(self._fill_of(inputs))
                return cache
            if not (getattr(self.config, "use_cache", True) if use_cache is None else use_cache):
                return None
            cache = DynamicCache()
            # A recorded pass keeps no cache.
            if is_recorded or not use_cache:
                cache.fill_later(self._fill_of(inputs))
            return cache

        return cache_of

    def _fill_of(self, inputs: dict[str, Any]) -> Callable[[_native.PastKeyValues], Any]:
        """What fills a cache with the call's inputs."""
        names = ("input_ids", "inputs_embeds", "attention_mask", "position_ids")
        # The caller may change its arrays later.
        copies: dict[str, Any] = {name: np.array(inputs[name]) for name in names if inputs.get(name) is not None}
        if self.base_head == "causal_lm":
            copies["logits_to_keep"] = 1
        return lambda past: self._forward(**copies, past=past)


class BaseModel(CachedModel[BaseModelOutputWithPooling]):
    """A model without a head."""

    base_head: ClassVar[str] = "base"
    _adds_pooling_layer: bool = True

    def __init__(self, config: PreTrainedConfig, add_pooling_layer: bool | None = None, **kwargs: Any) -> None:
        super().__init__(config, **kwargs)
        if add_pooling_layer is not None:
            self._set_pooling(bool(add_pooling_layer))

    def _set_pooling(self, adds_pooling_layer: bool) -> None:
        if adds_pooling_layer and "pooler" not in self._branch:
            raise TypeError(f"{type(self).__name__} has no pooler: leave out add_pooling_layer")
        self._adds_pooling_layer = adds_pooling_layer

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """A model with the same weights, which are shared, and a configuration of its own."""
        other = super().__deepcopy__(memo)
        other._adds_pooling_layer = self._adds_pooling_layer
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles the model like others, and whether it has the output of a pooler."""
        return (*super().__reduce__()[:2], {"_adds_pooling_layer": self._adds_pooling_layer})

    def _output(self, computed: Any, fields: dict[str, Any]) -> BaseModelOutputWithPooling:
        del fields["loss"]
        if "router_logits" in fields:
            del fields["aux_loss"]
            return MoeModelOutputWithPast(computed.last_hidden_state, **fields)  # type: ignore[return-value]
        if "past_key_values" in fields:
            return BaseModelOutputWithPast(computed.last_hidden_state, **fields)
        pooled = computed.pooler_output if self._adds_pooling_layer else None
        return BaseModelOutputWithPooling(computed.last_hidden_state, pooled, **fields)


class TextEncoder(RunnableModel[BaseModelOutput]):
    """The encoder of an encoder-decoder."""

    base_head: ClassVar[str] = "encoder"

    def _output(self, computed: Any, fields: dict[str, Any]) -> BaseModelOutput:
        del fields["loss"]
        return BaseModelOutput(computed.last_hidden_state, **fields)


class ModelForCausalLM(GenerationMixin, CachedModel[CausalLMOutputWithPast]):
    """A causal language model, which predicts the next token."""

    base_head: ClassVar[str] = "causal_lm"

    def _head_arguments(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        keep = kwargs.pop("logits_to_keep", 0)
        if isinstance(keep, bool) or not isinstance(keep, (int, np.integer)) or keep < 0:
            raise InputError(f"logits_to_keep: expected a number of positions, found {keep!r}")
        return {**super()._head_arguments(kwargs), **({"logits_to_keep": int(keep)} if keep else {})}

    def _output(self, computed: Any, fields: dict[str, Any]) -> CausalLMOutputWithPast:
        kind: Any = MoeCausalLMOutputWithPast if "router_logits" in fields else CausalLMOutputWithPast
        output: CausalLMOutputWithPast = kind(logits=computed.logits, **fields)
        return output


class ModelForMaskedLM(RunnableModel[MaskedLMOutput]):
    """A masked language model, which predicts masked tokens."""

    base_head: ClassVar[str] = "masked_lm"

    def _output(self, computed: Any, fields: dict[str, Any]) -> MaskedLMOutput:
        return MaskedLMOutput(logits=computed.logits, **fields)


class ModelForSequenceClassification(RunnableModel[SequenceClassifierOutput]):
    """A sequence classifier, or a regression model if it has one label."""

    base_head: ClassVar[str] = "sequence_classification"
    _followed_keys: ClassVar[tuple[str, ...]] = ("pad_token_id", "problem_type")

    def _output(self, computed: Any, fields: dict[str, Any]) -> SequenceClassifierOutput:
        return SequenceClassifierOutput(logits=computed.logits, **fields)


class ModelForTokenClassification(RunnableModel[TokenClassifierOutput]):
    """A token classifier."""

    base_head: ClassVar[str] = "token_classification"

    def _output(self, computed: Any, fields: dict[str, Any]) -> TokenClassifierOutput:
        return TokenClassifierOutput(logits=computed.logits, **fields)


class ModelForQuestionAnswering(RunnableModel[QuestionAnsweringModelOutput]):
    """An extractive question answering model."""

    base_head: ClassVar[str] = "question_answering"

    def _head_arguments(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        # Callers compare the logits of all positions, so padding is computed too.
        arguments: dict[str, Any] = {"padding": True}
        positions = {name: kwargs.pop(name, None) for name in ("start_positions", "end_positions")}
        if all(value is None for value in positions.values()):
            return arguments
        for name, value in positions.items():
            if value is None:
                raise InputError(f"{name}: missing; pass start_positions and end_positions together")
            array = arrays.labels(name, value)
            if array.dtype != np.int64:
                raise InputError(f"{name}: expected integers, found {array.dtype}")
            arguments[name] = array
        return arguments

    def _output(self, computed: Any, fields: dict[str, Any]) -> QuestionAnsweringModelOutput:
        logits = computed.logits
        start, end = np.ascontiguousarray(logits[..., 0]), np.ascontiguousarray(logits[..., 1])
        return QuestionAnsweringModelOutput(start_logits=start, end_logits=end, **fields)
