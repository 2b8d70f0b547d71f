"""Collators, which make a batch of a list of examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trustformers._checks.tensors import as_tensor, tensor_kind
from trustformers.errors import InputError

__all__ = ["DataCollatorWithPadding", "default_data_collator"]


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
        batch = self.tokenizer.pad(
            [dict(feature) for feature in features],
            padding=self.padding,
            max_length=self.max_length,
            pad_to_multiple_of=self.pad_to_multiple_of,
            return_tensors=self.return_tensors,
        )
        for name in ("label", "label_ids"):
            if name in batch:
                batch["labels"] = batch.pop(name)
        return batch


def default_data_collator(features: Sequence[Mapping[str, Any]], return_tensors: str = "pt") -> dict[str, Any]:
    """A batch of examples whose arrays have one length; `label` or `label_ids` becomes `labels`.

    Raises
    ------
    InputError
        There is no example, or the values of a key do not make one array.
    """
    if not features:
        raise InputError("features: expected at least one example")
    kind = tensor_kind(return_tensors) or "np"
    names = {"label": "labels", "label_ids": "labels"}
    return {
        names.get(key, key): as_tensor(key, [feature[key] for feature in features], kind)
        for key, value in features[0].items()
        if value is not None and not isinstance(value, str)
    }
