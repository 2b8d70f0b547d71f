"""The columns of a data set that a model takes."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from trustformers.errors import InputError
from trustformers.models.base import PreTrainedModel
from trustformers.models.configuration import heads_of, is_decoder

__all__ = [
    "RemoveColumnsCollator",
    "label_names_of",
    "remove_unused_columns",
    "signature_columns",
    "unwrapped",
]

logger: logging.Logger = logging.getLogger("trustformers")

_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids", "inputs_embeds")
_SOURCE = ("input_ids", "attention_mask", "inputs_embeds")
_TARGET = ("decoder_input_ids", "decoder_attention_mask", "decoder_inputs_embeds")
# Heads of encoder-decoders that read the encoder alone.
_OF_ENCODER = frozenset({"encoder", "token_classification"})
_POSITIONS = ("start_positions", "end_positions")
# Families whose `forward` differs in transformers 5.23.0; tests/parity/test_training_data.py compares them all.
_ENCODERS_WITHOUT_TOKEN_TYPES = frozenset({"distilbert", "eurobert", "modernbert", "mpnet"})
_DECODERS_WITH_TOKEN_TYPES = frozenset({"gpt2", "gpt_neo", "gptj"})
_WITHOUT_POSITIONS = frozenset({"bloom", "roformer"})
_WITH_TASKS = frozenset({"ernie"})
# A collator makes labels of these.
_LABEL_COLUMNS = ("label", "label_ids")


def label_names_of(model: Any) -> list[str]:
    """The arguments of a model's `forward` that are labels, such as `labels`.

    Parameters
    ----------
    model
        A model of trustformers, or any object with a `forward`.
    """
    names = _arguments(unwrapped(model))
    is_qa = "QuestionAnswering" in type(unwrapped(model)).__name__ or "start_positions" in names
    return [name for name in names if "label" in name or (is_qa and name in _POSITIONS)]


def signature_columns(model: Any, label_names: Sequence[str] | None = None) -> list[str]:
    """The columns that a model takes: the arguments of its `forward`, `label`, `label_ids` and the label names.

    Parameters
    ----------
    model
        A model of trustformers, or any object with a `forward`; an adapter's base model is looked up.
    label_names
        The names of labels; by default those of the model.
    """
    labels = label_names_of(model) if label_names is None else label_names
    names = [*_arguments(unwrapped(model)), *_LABEL_COLUMNS, *labels]
    return list(dict.fromkeys(names))


def remove_unused_columns(
    dataset: Any, columns: Sequence[str], model: Any, description: str = "training", labels: Sequence[str] = ()
) -> Any:
    """A `datasets.Dataset` without the columns that the model does not take.

    Parameters
    ----------
    dataset
        The data set, with `column_names` and `remove_columns`.
    columns
        The columns that the model takes, from `signature_columns`.
    model
        The model, which messages name.
    description
        What the data set is for.
    labels
        The columns that are labels, beside `label` and `label_ids`.

    Raises
    ------
    InputError
        The model takes none of the columns but labels; the message lists them.
    """
    ignored = [name for name in dataset.column_names if name not in columns]
    kept = [name for name in dataset.column_names if name in columns]
    if ignored and not _has_inputs(kept, labels):
        raise no_columns(ignored, columns, model, description, kept)
    if ignored:
        _log(ignored, model, description)
        return dataset.remove_columns(ignored)
    return dataset


class RemoveColumnsCollator:
    """A collator that leaves out the keys of examples that a model does not take.

    Parameters
    ----------
    data_collator
        The collator of what is left.
    signature_columns
        The columns that the model takes.
    logger, model_name, description
        Where the first batch's ignored columns are logged, and what the message names.
    labels
        The columns that are labels, beside `label` and `label_ids`.
    """

    def __init__(
        self,
        data_collator: Callable[[list[Any]], Any],
        signature_columns: Sequence[str],
        logger: logging.Logger | None = None,
        model_name: str | None = None,
        description: str | None = None,
        *,
        labels: Sequence[str] = (),
    ) -> None:
        self.data_collator = data_collator
        self.signature_columns = signature_columns
        self.logger = logger
        self.model_name = model_name
        self.description = description
        self.labels = labels
        self.message_logged: bool = False

    def __call__(self, features: list[Any]) -> Any:
        """A batch of examples; other examples than mappings are passed on as they are.

        Raises
        ------
        InputError
            The model takes none of the columns of an example but labels; the message lists them.
        """
        return self.data_collator([self._remove_columns(feature) for feature in features])

    def _remove_columns(self, feature: Any) -> Any:
        if not isinstance(feature, Mapping):
            return feature
        kept = {name: value for name, value in feature.items() if name in self.signature_columns}
        ignored = [name for name in feature if name not in self.signature_columns]
        if ignored and not _has_inputs(kept, self.labels):
            raise no_columns(
                ignored, self.signature_columns, self.model_name, self.description or "training", list(kept)
            )
        if ignored and not self.message_logged and self.logger is not None and self.model_name:
            _log(ignored, self.model_name, self.description or "training", self.logger)
            self.message_logged = True
        return kept


def _has_inputs(names: Iterable[str], labels: Sequence[str]) -> bool:
    """Whether there is a column that is no label."""
    return any(name not in labels and name not in _LABEL_COLUMNS for name in names)


def no_columns(
    ignored: Sequence[str], columns: Sequence[str], model: Any, description: str, labels: Sequence[str] = ()
) -> InputError:
    """The error for a data set without a column that the model takes, or with labels alone."""
    kept = f" but {', '.join(labels)}: " if labels else ", "
    return InputError(
        f"dataset: {_name(model)} takes none of the columns of the {description} set{kept}"
        f"{', '.join(map(str, ignored))}; "
        f"it takes {', '.join(columns)}. Tokenize the texts, or pass remove_unused_columns=False with a data_collator "
        "that makes the model's inputs"
    )


def _log(ignored: Sequence[str], model: Any, description: str, target: logging.Logger = logger) -> None:
    target.info(
        "columns of the %s set that %s does not take are left out: %s",
        description,
        _name(model),
        ", ".join(map(str, ignored)),
    )


def _name(model: Any) -> str:
    return model if isinstance(model, str) else "the model" if model is None else type(model).__name__


def unwrapped(model: Any) -> Any:
    """The model in an adapter of PEFT."""
    base = getattr(model, "get_base_model", None)
    return base() if callable(base) else model


def _arguments(model: Any) -> list[str]:
    """The arguments of `forward`; for `**kwargs`, also those of the model's head and of the overridden `forward`."""
    names: list[str] = []
    for cls in type(model).__mro__:
        forward = vars(cls).get("forward")
        if forward is None:
            continue
        if cls.__module__.startswith("trustformers.models."):
            return list(dict.fromkeys([*names, *_head_arguments(model)]))
        parameters = inspect.signature(forward).parameters.values()
        is_open = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
        names += [
            parameter.name
            for parameter in list(parameters)[1:]
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        ]
        if not is_open:
            break
    return list(dict.fromkeys(names))


def _head_arguments(model: PreTrainedModel) -> list[str]:
    family = model.config.model_type
    names = list(_INPUTS)
    if "seq2seq_lm" in heads_of(family):
        names = [*_SOURCE, *(() if model.base_head in _OF_ENCODER else _TARGET)]
    elif is_decoder(family):
        if family not in _DECODERS_WITH_TOKEN_TYPES:
            names.remove("token_type_ids")
    elif family in _ENCODERS_WITHOUT_TOKEN_TYPES:
        names.remove("token_type_ids")
    if family in _WITHOUT_POSITIONS:
        names.remove("position_ids")
    if family in _WITH_TASKS:
        names.append("task_type_ids")
    if model.base_head == "question_answering":
        names += _POSITIONS
    elif model.base_head not in {"base", "encoder"}:
        names.append("labels")
    return names
