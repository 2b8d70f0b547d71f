"""Batches of the values between the steps of a pipeline: joined with padding, and split into rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import as_array, as_tensor, kind_of
from trustformers.errors import InputError
from trustformers.models.outputs import ModelOutput

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["no_collate_fn", "pad_collate_fn", "row", "rows", "softmax"]

# Values of padding, where it is not 0.
_PADDING = {"p_mask": 1, "special_tokens_mask": 1}


def no_collate_fn(items: list[Any]) -> Any:
    """The only item of a batch.

    Raises
    ------
    InputError
        There are several items.
    """
    if len(items) != 1:
        raise InputError(f"batch_size: expected one item, found {len(items)}")
    return items[0]


def pad_collate_fn(tokenizer: Any, feature_extractor: Any = None) -> Callable[[list[Any]], dict[str, Any]]:
    """A function that joins items to one batch: tensors are padded on the tokenizer's side, other values are listed.

    Raises
    ------
    InputError
        There is no tokenizer, or it has no `pad_token`.
    """
    del feature_extractor
    if tokenizer is None:
        raise InputError("batch_size: batches need a tokenizer, which pads them")
    if tokenizer.pad_token_id is None:
        raise InputError(
            "batch_size: batches need padding, and the tokenizer has no pad_token; choose one, for example "
            "pipe.tokenizer.pad_token = pipe.tokenizer.eos_token"
        )
    padding = {**_PADDING, "input_ids": tokenizer.pad_token_id}
    is_left = tokenizer.padding_side == "left"

    def collate(items: list[Any]) -> dict[str, Any]:
        names = [*items[0]]
        for item in items:
            if set(item) != set(names):
                raise InputError(f"batch_size: the inputs of a batch have different keys, {names} and {[*item]}")
        return {name: _joined([item[name] for item in items], padding.get(name, 0), is_left) for name in names}

    return collate


def _joined(values: list[Any], padding: int, is_left: bool) -> Any:
    kind = kind_of(values[0]) if hasattr(values[0], "shape") else None
    if kind is None:
        return values
    arrays = [np.asarray(as_array(value)) for value in values]
    if arrays[0].ndim > 1:
        width = max(array.shape[1] for array in arrays)
        arrays = [_padded(array, width - array.shape[1], padding, is_left) for array in arrays]
    return as_tensor("inputs", np.concatenate(arrays), kind)


def _padded(array: NDArray[Any], count: int, padding: int, is_left: bool) -> NDArray[Any]:
    around = [(0, 0)] * array.ndim
    around[1] = (count, 0) if is_left else (0, count)
    return np.pad(array, around, constant_values=padding)


def row(values: Any) -> NDArray[np.float32]:
    """A tensor as a float32 array."""
    return np.ascontiguousarray(as_array(values), np.float32)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The engine's softmax over the last axis."""
    scores: NDArray[np.float32] = _native.Tensor.from_numpy(np.ascontiguousarray(logits)).softmax(-1).numpy()
    return scores


def rows(batch: Any) -> Iterator[Any]:
    """The rows of a batch, each as a batch of one: of a tensor, a mapping or an output."""
    if isinstance(batch, tuple):
        batch = batch[0]
    if not isinstance(batch, Mapping):
        for index in range(len(batch)):
            yield batch[index : index + 1]
        return
    count = next(len(value) for value in batch.values() if hasattr(value, "__len__"))
    for index in range(count):
        one: Any = ModelOutput() if isinstance(batch, ModelOutput) else {}
        for name, value in batch.items():
            if name != "past_key_values":
                one[name] = _row(value, index)
        yield one


def _row(value: Any, index: int) -> Any:
    if value is None:
        return None
    if isinstance(value, (tuple, ModelOutput)):
        return tuple(item[index : index + 1] for item in (value if isinstance(value, tuple) else value.to_tuple()))
    return value[index : index + 1] if hasattr(value, "shape") else value[index]
