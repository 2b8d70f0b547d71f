"""Collators, which make a batch of a list of examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NewType

from trustformers._checks.arguments import kind
from trustformers._checks.tensors import as_tensor, tensor_kind
from trustformers.errors import InputError

__all__ = [
    "DataCollator",
    "DataCollatorForMultipleChoice",
    "DataCollatorForSeq2Seq",
    "DataCollatorForTokenClassification",
    "DataCollatorMixin",
    "DataCollatorWithFlattening",
    "DataCollatorWithPadding",
    "DefaultDataCollator",
    "InputDataClass",
    "default_data_collator",
    "filled",
    "without",
]

InputDataClass = NewType("InputDataClass", Any)  # type: ignore[valid-newtype]  # as in transformers
DataCollator = Callable[[list[InputDataClass]], dict[str, Any]]
_LABELS = ("label", "label_ids")


class DataCollatorMixin:
    """A collator with one method for each type of tensors."""

    return_tensors: str

    def __call__(self, features: Sequence[Any], return_tensors: str | None = None) -> Any:
        """A batch of examples, as the tensors of `return_tensors` or of the attribute with this name."""
        kind = return_tensors or self.return_tensors
        # Collators of scripts implement the method of a type of tensors.
        if kind == "pt":
            return self.torch_call(features)
        return self.numpy_call(features) if kind == "np" else self._batch(features, kind)

    def torch_call(self, features: Sequence[Any]) -> Any:
        """A batch of tensors: torch's, or `Tensor`s if torch is not installed."""
        return self._batch(features, "pt")

    def numpy_call(self, features: Sequence[Any]) -> Any:
        """A batch of arrays."""
        return self._batch(features, "np")

    def _batch(self, features: Sequence[Any], return_tensors: str) -> Any:
        raise NotImplementedError


def default_data_collator(features: Sequence[Any], return_tensors: str = "pt") -> dict[str, Any]:
    """A batch of examples whose arrays have one length; `label` or `label_ids` becomes `labels`.

    Examples are mappings, or objects with attributes. Values that are strings or None are left out.

    Raises
    ------
    InputError
        There is no example, or the values of a key do not make one array.
    """
    examples = [feature if isinstance(feature, Mapping) else _attributes(feature) for feature in checked(features)]
    tensors = tensor_kind(return_tensors) or "np"
    first = examples[0]
    batch: dict[str, Any] = {}
    label = next((name for name in _LABELS if first.get(name) is not None), None)
    if label is not None:
        batch["labels"] = as_tensor("labels", _labels([example[label] for example in examples]), tensors)
    for key, value in first.items():
        if key not in _LABELS and value is not None and not isinstance(value, str):
            values = [example[key] for example in checked(examples, key)]
            batch[key] = as_tensor(key, _values(values), tensors)
    return batch


@dataclass
class DefaultDataCollator(DataCollatorMixin):
    """`default_data_collator` as an object.

    Attributes
    ----------
    return_tensors
        The type of the batch's arrays; "pt" gives `Tensor`s without torch.
    """

    return_tensors: str = "pt"

    def _batch(self, features: Sequence[Any], return_tensors: str) -> Any:
        return default_data_collator(features, return_tensors)


@dataclass
class DataCollatorWithPadding:
    """Pads the tokens of examples to one length.

    Attributes
    ----------
    tokenizer
        The tokenizer whose `pad` is called.
    padding, max_length, pad_to_multiple_of
        Arguments of `pad`.
    return_tensors
        The type of the batch's arrays; "pt" gives `Tensor`s without torch.
    """

    tokenizer: Any
    padding: bool | str = True
    max_length: int | None = None
    pad_to_multiple_of: int | None = None
    return_tensors: str = "pt"

    def __call__(self, features: Sequence[Mapping[str, Any]]) -> Any:
        """A batch of examples; `label` or `label_ids` becomes `labels`."""
        for index, feature in enumerate(checked(features)):
            if not isinstance(feature, Mapping):
                raise InputError(
                    f"features: expected what a tokenizer returns in example {index}, found {kind(feature)}"
                )
        batch = self.tokenizer.pad(
            [dict(feature) for feature in features],
            padding=self.padding,
            max_length=self.max_length,
            pad_to_multiple_of=self.pad_to_multiple_of,
            return_tensors=self.return_tensors,
        )
        for name in _LABELS:
            if name in batch:
                batch["labels"] = batch.pop(name)
        return batch


@dataclass
class DataCollatorForTokenClassification(DataCollatorMixin):
    """Pads the tokens of examples and their labels, one per token, to one length.

    Attributes
    ----------
    tokenizer, padding, max_length, pad_to_multiple_of, return_tensors
        As in `DataCollatorWithPadding`.
    label_pad_token_id
        The label of padding, which losses ignore.
    """

    tokenizer: Any
    padding: bool | str = True
    max_length: int | None = None
    pad_to_multiple_of: int | None = None
    label_pad_token_id: int = -100
    return_tensors: str = "pt"

    def _batch(self, features: Sequence[Mapping[str, Any]], return_tensors: str) -> Any:
        name = "label" if "label" in checked(features, "input_ids")[0] else "labels"
        batch = self.tokenizer.pad(
            without(features, name),
            padding=self.padding,
            max_length=self.max_length,
            pad_to_multiple_of=self.pad_to_multiple_of,
            return_tensors=return_tensors,
        )
        if name in features[0]:
            rows = filled(
                [feature[name] for feature in features],
                batch["input_ids"].shape[1],
                self.label_pad_token_id,
                self.tokenizer.padding_side,
            )
            batch[name] = as_tensor(name, rows, tensor_kind(return_tensors) or "np")
        return batch


@dataclass
class DataCollatorForMultipleChoice(DataCollatorMixin):
    """Pads the choices of examples to one length: arrays of shape [batch, choices, seq].

    Attributes
    ----------
    tokenizer, padding, max_length, pad_to_multiple_of, return_tensors
        As in `DataCollatorWithPadding`.
    """

    tokenizer: Any
    padding: bool | str = True
    max_length: int | None = None
    pad_to_multiple_of: int | None = None
    return_tensors: str = "pt"

    def _batch(self, features: Sequence[Mapping[str, Any]], return_tensors: str) -> Any:
        name = "label" if "label" in checked(features, "input_ids")[0] else "labels"
        choices = len(features[0]["input_ids"])
        rows = [
            {key: value[index] for key, value in row.items()}
            for row in without(features, name)
            for index in range(choices)
        ]
        padded = self.tokenizer.pad(
            rows,
            padding=self.padding,
            max_length=self.max_length,
            pad_to_multiple_of=self.pad_to_multiple_of,
            return_tensors=return_tensors,
        )
        batch = {key: value.reshape(len(features), choices, -1) for key, value in padded.items()}
        labels = [feature[name] for feature in features]
        batch["labels"] = as_tensor("labels", _labels(labels), tensor_kind(return_tensors) or "np")
        return batch


@dataclass
class DataCollatorForSeq2Seq:
    """Pads the tokens of examples, and their labels to the longest labels.

    Attributes
    ----------
    tokenizer, padding, max_length, pad_to_multiple_of, return_tensors
        As in `DataCollatorWithPadding`.
    model
        A model whose `prepare_decoder_input_ids_from_labels` makes `decoder_input_ids`, if it has such a method.
    label_pad_token_id
        The label of padding, which losses ignore.
    """

    tokenizer: Any
    model: Any = None
    padding: bool | str = True
    max_length: int | None = None
    pad_to_multiple_of: int | None = None
    label_pad_token_id: int = -100
    return_tensors: str = "pt"

    def __call__(self, features: Sequence[Mapping[str, Any]], return_tensors: str | None = None) -> Any:
        """A batch of examples; `labels` is None if they have none."""
        tensors = return_tensors or self.return_tensors
        name = "label" if "label" in checked(features, "input_ids")[0] else "labels"
        labels = [feature[name] for feature in features] if name in features[0] else []
        batch = self.tokenizer.pad(
            without(features, name),
            padding=self.padding,
            max_length=self.max_length,
            pad_to_multiple_of=self.pad_to_multiple_of,
            return_tensors=tensors,
        )
        if all(label is None for label in labels):
            batch["labels"] = None
            return batch
        rows = [_listed(label) for label in labels]
        if self.padding not in (False, "do_not_pad"):
            is_limit = self.padding == "max_length" and self.max_length is not None
            target = self.max_length or 0 if is_limit else max(map(len, rows))
            multiple = self.pad_to_multiple_of or 1
            rows = filled(rows, -(-target // multiple) * multiple, self.label_pad_token_id, self.tokenizer.padding_side)
        batch["labels"] = as_tensor("labels", rows, tensor_kind(tensors) or "np")
        if hasattr(self.model, "prepare_decoder_input_ids_from_labels"):
            batch["decoder_input_ids"] = self.model.prepare_decoder_input_ids_from_labels(labels=batch["labels"])
        return batch


class DataCollatorWithFlattening(DefaultDataCollator):
    """Joins examples to one row without padding, with positions that start anew in each.

    Parameters
    ----------
    return_position_ids
        Whether to return `position_ids`.
    separator_id
        The label of each example's first token.
    return_flash_attn_kwargs
        Whether to return the boundaries `cu_seq_lens_q` and `cu_seq_lens_k`, and `max_length_q` and `max_length_k`.
    return_seq_idx
        Whether to return `seq_idx`, the example of each token.
    position_ids_start
        The position of an example's first token.
    """

    def __init__(
        self,
        return_tensors: str = "pt",
        *,
        return_position_ids: bool = True,
        separator_id: int = -100,
        return_flash_attn_kwargs: bool = False,
        return_seq_idx: bool = False,
        position_ids_start: int = 0,
    ) -> None:
        super().__init__(return_tensors)
        self.return_position_ids = return_position_ids
        self.separator_id = separator_id
        self.return_flash_attn_kwargs = return_flash_attn_kwargs
        self.return_seq_idx = return_seq_idx
        self.position_ids_start = position_ids_start

    def __call__(
        self, features: Sequence[Mapping[str, Any]], return_tensors: str | None = None, separator_id: int | None = None
    ) -> Any:
        """One row, of shape [1, seq], of all examples."""
        import numpy as np

        tensors = tensor_kind(return_tensors or self.return_tensors) or "np"
        separator = self.separator_id if separator_id is None else separator_id
        rows = [_listed(feature["input_ids"]) for feature in checked(features, "input_ids")]
        key = "labels" if "labels" in features[0] else "input_ids"
        labels = [[separator, *_listed(feature[key])[1:]] for feature in features]
        lengths = [len(row) for row in rows]
        long: dict[str, Any] = {"input_ids": [list(chain.from_iterable(rows))]}
        long["labels"] = [list(chain.from_iterable(labels))]
        if self.return_position_ids:
            start = self.position_ids_start
            long["position_ids"] = [[start + index for length in lengths for index in range(length)]]
        short: dict[str, Any] = {}
        if self.return_seq_idx:
            short["seq_idx"] = [[index for index, length in enumerate(lengths) for _ in range(length)]]
        if self.return_flash_attn_kwargs:
            short["cu_seq_lens_q"] = short["cu_seq_lens_k"] = [0, *np.cumsum(lengths).tolist()]
        batch = {name: as_tensor(name, np.array(value, np.int64), tensors) for name, value in long.items()}
        batch |= {name: as_tensor(name, np.array(value, np.int32), tensors) for name, value in short.items()}
        if self.return_flash_attn_kwargs:
            batch |= {"max_length_q": max(lengths), "max_length_k": max(lengths)}
        return batch


def checked(features: Sequence[Any], key: str | None = None) -> Sequence[Any]:
    """The examples, of which there is at least one, and which have a key.

    Raises
    ------
    InputError
        There is no example, or one has no such key.
    """
    if not isinstance(features, (list, tuple)) or not features:
        raise InputError(f"features: expected a list with at least one example, found {kind(features)}")
    for index, feature in enumerate(features):
        if key is not None and (not isinstance(feature, Mapping) or key not in feature):
            raise InputError(f"features: example {index} has no {key!r}")
    return features


def without(features: Sequence[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    """The examples without a key."""
    return [{key: value for key, value in feature.items() if key != name} for feature in features]


def filled(rows: Sequence[Any], length: int, value: int, side: str) -> list[list[Any]]:
    """The rows with a value on one side, up to a length."""
    listed = [_listed(row) for row in rows]
    fills = [[value] * (length - len(row)) for row in listed]
    pairs = zip(listed, fills, strict=True)
    return [row + fill if side == "right" else fill + row for row, fill in pairs]


def _attributes(feature: Any) -> dict[str, Any]:
    if not hasattr(feature, "__dict__"):
        advice = "; tokenize the texts" if isinstance(feature, str) else ""
        raise InputError(f"features: expected mappings of columns such as input_ids, found {kind(feature)}{advice}")
    found: dict[str, Any] = vars(feature)
    return found


def _listed(values: Any) -> list[Any]:
    listed = values.tolist() if hasattr(values, "tolist") else values
    if not isinstance(listed, (list, tuple)):
        raise InputError(f"features: expected a list of ids or labels, found {kind(values)}")
    return list(listed)


def _labels(values: list[Any]) -> Any:
    """Labels of one type: integers as int64, others as float32; tensors keep their dtype."""
    import numpy as np

    if hasattr(values[0], "tolist") and getattr(values[0], "shape", False):
        return _values(values)
    listed = [value.tolist() if hasattr(value, "tolist") else value for value in values]
    first = listed[0][0] if isinstance(listed[0], (list, tuple)) and listed[0] else listed[0]
    try:
        return np.array(listed, np.int64 if isinstance(first, int) else np.float32)
    except (TypeError, ValueError):
        raise InputError(f"features: labels of one shape are needed to make an array, found {listed!r:.60}") from None


def _values(values: list[Any]) -> Any:
    import numpy as np

    if hasattr(values[0], "shape"):
        arrays = [value.cpu().numpy() if hasattr(value, "cpu") else np.asarray(value) for value in values]
        try:
            return np.stack(arrays)
        except ValueError:
            return values
    return values
