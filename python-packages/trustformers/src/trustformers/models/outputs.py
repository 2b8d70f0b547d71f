"""Outputs of models, whose fields are available by name, by index and as attributes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NoReturn

from trustformers.models.cache import Cache, DynamicCache

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Self

    from trustformers.models.tensors import Target

__all__ = [
    "BaseModelOutputWithPast",
    "BaseModelOutputWithPooling",
    "CausalLMOutputWithPast",
    "MaskedLMOutput",
    "ModelOutput",
    "QuestionAnsweringModelOutput",
    "SentenceSimilarityOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
]


class ModelOutput(OrderedDict[str, Any]):
    """Base of all outputs: fields by name, by position (absent ones are skipped) and as attributes.

    Fields hold NumPy arrays, or tensors of torch or `Tensor`s if an input was one, or as `return_tensors` says. Type
    checkers cannot know which, and see `Any`.
    `Tensor(outputs.logits)` is a tensor in each case, also for type checkers, and copies nothing.
    """

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]  # subclasses are dataclasses
            value = getattr(self, field.name)
            if value is not None:
                super().__setitem__(field.name, value)

    def __getitem__(self, key: str | int | slice) -> Any:
        return super().__getitem__(key) if isinstance(key, str) else self.to_tuple()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        super().__setattr__(key, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self and value is not None:
            super().__setitem__(name, value)
        super().__setattr__(name, value)

    def to_tuple(self) -> tuple[Any, ...]:
        """The fields that are not None, in order."""
        return tuple(self.values())

    def to_list(self) -> list[Any]:
        """The fields of `to_tuple` as nested lists of Python numbers; a cache is left out.

        Examples
        --------
        >>> json.dumps(model(**inputs).to_list())
        """
        return [_listed(value) for value in self.values() if not isinstance(value, Cache)]

    def _convert(self, target: Target) -> Self:
        for name, value in list(self.items()):
            if isinstance(value, DynamicCache):
                value._target = target
            self[name] = target.convert(value)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]

    def __delitem__(self, key: str) -> NoReturn:
        self._refuse("del")

    def pop(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported, as in transformers."""
        self._refuse("pop")

    def setdefault(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported, as in transformers."""
        self._refuse("setdefault")

    def update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported, as in transformers."""
        self._refuse("update")

    def _refuse(self, what: str) -> NoReturn:
        raise TypeError(f"{type(self).__name__} does not support {what}")


def _listed(value: Any) -> Any:
    if isinstance(value, ModelOutput):
        return value.to_list()
    if isinstance(value, (list, tuple)):
        return [_listed(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value


@dataclass(eq=False)
class BaseModelOutputWithPooling(ModelOutput):
    """Output of a base model: float32 arrays of shapes (batch, seq, hidden) and (batch, hidden).

    Hidden states of masked positions are not computed; they are zero.
    """

    last_hidden_state: Any
    pooler_output: Any = None
    hidden_states: tuple[Any, ...] | None = None
    attentions: tuple[Any, ...] | None = None
    past_key_values: DynamicCache | None = None


@dataclass(eq=False)
class BaseModelOutputWithPast(BaseModelOutputWithPooling):
    """Output of a decoder without a head: `past_key_values` is the second field, and there is no `pooler_output`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("hidden_states", "attentions"):
            if name in self:
                self.move_to_end(name)


@dataclass(eq=False)
class SentenceSimilarityOutput(ModelOutput):
    """Similarities (n, n) of n sentences, by the model's similarity function, and their embeddings (n, hidden)."""

    similarity: NDArray[np.float32]
    embeddings: NDArray[np.float32]


@dataclass(eq=False)
class MaskedLMOutput(ModelOutput):
    """Output of a masked language model: float32 logits (batch, seq, vocab), zero at masked positions."""

    loss: Any = None
    logits: Any = None
    hidden_states: tuple[Any, ...] | None = None
    attentions: tuple[Any, ...] | None = None


@dataclass(eq=False)
class CausalLMOutputWithPast(ModelOutput):
    """Output of a causal language model: float32 logits (batch, seq, vocab), zero at masked positions.

    Unless `use_cache=True` or a cache was passed, `past_key_values` computes its keys and values when first used.
    """

    loss: Any = None
    logits: Any = None
    past_key_values: DynamicCache | None = None
    hidden_states: tuple[Any, ...] | None = None
    attentions: tuple[Any, ...] | None = None


@dataclass(eq=False)
class SequenceClassifierOutput(MaskedLMOutput):
    """Output of a sequence classifier: float32 logits (batch, num_labels)."""


@dataclass(eq=False)
class TokenClassifierOutput(MaskedLMOutput):
    """Output of a token classifier: float32 logits (batch, seq, num_labels), zero at masked positions."""


@dataclass(eq=False)
class QuestionAnsweringModelOutput(ModelOutput):
    """Output of a question answering model: float32 logits (batch, seq) of an answer's first and last token."""

    loss: Any = None
    start_logits: Any = None
    end_logits: Any = None
    hidden_states: tuple[Any, ...] | None = None
    attentions: tuple[Any, ...] | None = None
