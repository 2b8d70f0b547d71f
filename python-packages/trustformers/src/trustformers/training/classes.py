"""Labels of classifiers: each is a class, or -100."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers._checks.tensors import as_array
from trustformers.errors import InputError
from trustformers.models.base import PreTrainedModel
from trustformers.training.columns import unwrapped

if TYPE_CHECKING:
    from trustformers.training.trainer_base import TrainerBase

__all__ = ["check_batch", "check_dataset", "has_own_loss", "num_classes"]

_IGNORED = -100
# The names of labels in examples; a collator makes `labels` of the others.
_COLUMNS = ("labels", "label", "label_ids")


def has_own_loss(trainer: TrainerBase) -> bool:
    """Whether a loss is computed by something else than a model of trustformers."""
    overrides = not type(trainer).compute_loss.__module__.startswith("trustformers.")  # type: ignore[attr-defined]
    return (
        overrides or trainer.compute_loss_func is not None or not isinstance(unwrapped(trainer.model), PreTrainedModel)
    )


def num_classes(trainer: TrainerBase) -> int | None:
    """The number of classes that labels of one number may be of; None if labels are others."""
    if has_own_loss(trainer) or trainer.label_names != ["labels"]:
        return None
    head, config = trainer.model.base_head, trainer.model.config
    if head == "token_classification":
        return int(config.num_labels)
    if head != "sequence_classification" or config.problem_type not in (None, "single_label_classification"):
        return None
    return int(config.num_labels) if config.num_labels > 1 else None


def check_dataset(dataset: Any, classes: int, argument: str) -> None:
    """Checks the labels of a data set in memory; those of others are checked in their batch.

    Parameters
    ----------
    dataset
        A list of examples, or a `datasets.Dataset`.
    classes
        The number of classes.
    argument
        What the message calls the data set.

    Raises
    ------
    InputError
        A label is no class.
    """
    name, values = _labels_of(dataset)
    for index, found in enumerate(values):
        label = found.tolist() if hasattr(found, "tolist") else found
        if isinstance(label, (list, tuple)):
            return
        if label is None or (isinstance(label, Integral) and (int(label) in range(classes) or label == _IGNORED)):
            continue
        where = f"{argument}: {name} of example {index} is {label!r}"
        if isinstance(label, Real) and not isinstance(label, Integral):
            raise InputError(f"{where}, expected an integer; num_labels=1 makes a regression")
        raise InputError(f"{where}, {_expected(classes)}")


def check_batch(labels: Any, classes: int) -> None:
    """Checks the labels of a batch.

    Raises
    ------
    InputError
        A label is no class.
    """
    array = np.asarray(as_array(labels))
    if array.dtype.kind not in "iu":
        return
    wrong = np.argwhere(((array < 0) | (array >= classes)) & (array != _IGNORED))
    if len(wrong):
        place = wrong[0].tolist()
        raise InputError(f"labels of the batch at {place} is {array[tuple(place)]}, {_expected(classes)}")


def _labels_of(dataset: Any) -> tuple[str, Iterable[Any]]:
    """The name and the values of the column of labels; no values if they would have to be made first."""
    # A class of one's own may make its examples as they are read.
    if type(dataset) in (list, tuple):
        if not all(isinstance(row, Mapping) for row in dataset):
            return "labels", ()
        name = next((column for column in _COLUMNS if dataset and column in dataset[0]), "labels")
        return name, [row.get(name) for row in dataset]
    columns = getattr(dataset, "column_names", None) or ()
    name = next((column for column in _COLUMNS if column in columns), "labels")
    is_transformed = bool(columns) and (getattr(dataset, "format", None) or {}).get("type") == "custom"
    if name not in columns or is_transformed or len(dataset) == 0:
        return name, ()
    # A column of lists is long, and has no labels of one number.
    first = dataset[0][name]
    return name, () if isinstance(first, (list, tuple)) or getattr(first, "shape", None) else dataset[name]


def _expected(classes: int) -> str:
    return f"expected a class from 0 to {classes - 1} (num_labels={classes}), or {_IGNORED}"
