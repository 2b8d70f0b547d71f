"""Models by what they have behind their layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import numpy as np

from trustformers import _inputs
from trustformers.errors import InputError
from trustformers.generation import GenerationMixin
from trustformers.jobs import Job
from trustformers.model_output import (
    BaseModelOutputWithPooling,
    CausalLMOutputWithPast,
    MaskedLMOutput,
    ModelOutput,
    QuestionAnsweringModelOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)
from trustformers.modeling import PreTrainedModel

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "BaseModel",
    "ModelForCausalLM",
    "ModelForMaskedLM",
    "ModelForQuestionAnswering",
    "ModelForSequenceClassification",
    "ModelForTokenClassification",
    "RunnableModel",
]

Output = TypeVar("Output", bound=ModelOutput)


class RunnableModel(PreTrainedModel, Generic[Output]):
    """A model whose calls return an output of one kind."""

    def forward(
        self,
        input_ids: ArrayLike | None = None,
        attention_mask: ArrayLike | None = None,
        token_type_ids: ArrayLike | None = None,
        position_ids: ArrayLike | None = None,
        *,
        return_dict: bool | None = None,
        **kwargs: Any,
    ) -> Output | tuple[Any, ...]:
        """Runs the model; `model(...)` does the same and always returns the output object.

        Parameters
        ----------
        input_ids, attention_mask, token_type_ids, position_ids
            Integers of shape (batch, seq). Without a mask no token is padding; segments default to zero, positions
            to the family's own count.
        return_dict
            False returns a tuple.
        **kwargs
            `inputs_embeds` in place of `input_ids`, of shape (batch, seq, width); `output_hidden_states` and
            `output_attentions`, which default to the configuration's; for a head `labels`, or `start_positions` and
            `end_positions`, of which the loss is computed.

        Returns
        -------
        ModelOutput
            float32 arrays whatever the model's dtype. Positions that the mask hides are not computed unless a loss
            depends on them; what stands there is zero.

        Raises
        ------
        InputError
            An argument does not fit the model; the message names it.
        UnsupportedError
            An argument that models here do not have yet.
        """
        computed, fields = self._run(input_ids, attention_mask, token_type_ids, position_ids, kwargs)
        output = self._output(computed, fields)
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
        return output  # type: ignore[return-value]  # a tuple only where the caller asked for one

    def forward_async(
        self,
        input_ids: ArrayLike | None = None,
        attention_mask: ArrayLike | None = None,
        token_type_ids: ArrayLike | None = None,
        position_ids: ArrayLike | None = None,
        **kwargs: Any,
    ) -> Job[Output]:
        """As a call of the model, in the background: `await` the job that it returns."""
        return Job.run(lambda: self(input_ids, attention_mask, token_type_ids, position_ids, **kwargs))

    def _output(self, computed: Any, fields: dict[str, Any]) -> Output:
        raise NotImplementedError


class BaseModel(RunnableModel[BaseModelOutputWithPooling]):
    """A model without a head."""

    base_head: ClassVar[str] = "base"

    def _output(self, computed: Any, fields: dict[str, Any]) -> BaseModelOutputWithPooling:
        del fields["loss"]
        return BaseModelOutputWithPooling(computed.last_hidden_state, computed.pooler_output, **fields)


class ModelForCausalLM(GenerationMixin, RunnableModel[CausalLMOutputWithPast]):
    """A model that finds the token that follows."""

    base_head: ClassVar[str] = "causal_lm"

    def _answers(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        # Whether keys and values are kept says nothing of what is computed.
        kwargs.pop("use_cache", None)
        keep = kwargs.pop("logits_to_keep", 0)
        if isinstance(keep, bool) or not isinstance(keep, (int, np.integer)) or keep < 0:
            raise InputError(f"logits_to_keep: expected a number of positions, found {keep!r}")
        return {**super()._answers(kwargs), **({"logits_to_keep": int(keep)} if keep else {})}

    def _output(self, computed: Any, fields: dict[str, Any]) -> CausalLMOutputWithPast:
        return CausalLMOutputWithPast(logits=computed.logits, **fields)


class ModelForMaskedLM(RunnableModel[MaskedLMOutput]):
    """A model that finds the tokens behind masks."""

    base_head: ClassVar[str] = "masked_lm"

    def _output(self, computed: Any, fields: dict[str, Any]) -> MaskedLMOutput:
        return MaskedLMOutput(logits=computed.logits, **fields)


class ModelForSequenceClassification(RunnableModel[SequenceClassifierOutput]):
    """A model that classifies texts, or measures them where it has one label."""

    base_head: ClassVar[str] = "sequence_classification"

    def _output(self, computed: Any, fields: dict[str, Any]) -> SequenceClassifierOutput:
        return SequenceClassifierOutput(logits=computed.logits, **fields)


class ModelForTokenClassification(RunnableModel[TokenClassifierOutput]):
    """A model that classifies tokens."""

    base_head: ClassVar[str] = "token_classification"

    def _output(self, computed: Any, fields: dict[str, Any]) -> TokenClassifierOutput:
        return TokenClassifierOutput(logits=computed.logits, **fields)


class ModelForQuestionAnswering(RunnableModel[QuestionAnsweringModelOutput]):
    """A model that finds the answer to a question in a text."""

    base_head: ClassVar[str] = "question_answering"

    def _answers(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        # An answer is looked for among all positions, so padding must not look like one.
        answers: dict[str, Any] = {"padding": True}
        given = {name: kwargs.pop(name, None) for name in ("start_positions", "end_positions")}
        if all(value is None for value in given.values()):
            return answers
        for name, value in given.items():
            if value is None:
                raise InputError(f"{name}: missing beside the other end of the answers")
            array = _inputs.labels(name, value)
            if array.dtype != np.int64:
                raise InputError(f"{name}: expected integers, found {array.dtype}")
            answers[name] = array
        return answers

    def _output(self, computed: Any, fields: dict[str, Any]) -> QuestionAnsweringModelOutput:
        logits = computed.logits
        start, end = np.ascontiguousarray(logits[..., 0]), np.ascontiguousarray(logits[..., 1])
        return QuestionAnsweringModelOutput(start_logits=start, end_logits=end, **fields)
