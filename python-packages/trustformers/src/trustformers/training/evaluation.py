"""Outputs of evaluations: gathered over batches, as arrays and numbers; and the loss with smoothed labels."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trustformers._checks.arguments import kind
from trustformers._checks.tensors import as_array, kind_of
from trustformers.distributed.world import world
from trustformers.errors import InputError
from trustformers.tensor.joining import concatenate

__all__ = [
    "EvalLoopContainer",
    "LabelSmoother",
    "atleast_1d",
    "denumpify_detensorize",
    "expand_like",
    "find_batch_size",
    "nested_concat",
    "nested_detach",
    "nested_gather",
    "nested_join",
    "nested_new_like",
    "nested_numpify",
    "nested_truncate",
    "numpy_pad_and_concatenate",
    "torch_pad_and_concatenate",
]


def find_batch_size(tensors: Any) -> int | None:
    """The length of the first dimension of the first tensor or array in nested lists, tuples and mappings."""
    if isinstance(tensors, (list, tuple, Mapping)):
        values = tensors.values() if isinstance(tensors, Mapping) else tensors
        return next((size for size in map(find_batch_size, values) if size is not None), None)
    shape = getattr(tensors, "shape", None)
    return int(shape[0]) if shape else None


def nested_map(function: Callable[[Any], Any], tensors: Any) -> Any:
    """The results of a function for the tensors in nested lists, tuples and mappings, which keep their type."""
    if isinstance(tensors, tuple) and hasattr(tensors, "_fields"):
        return type(tensors)(*(nested_map(function, one) for one in tensors))
    if isinstance(tensors, (list, tuple)):
        return type(tensors)(nested_map(function, one) for one in tensors)
    if isinstance(tensors, Mapping):
        return type(tensors)({key: nested_map(function, one) for key, one in tensors.items()})  # type: ignore[call-arg]
    return function(tensors)


def nested_detach(tensors: Any) -> Any:
    """The tensors without their gradients."""
    return nested_map(lambda one: one.detach() if hasattr(one, "detach") else one, tensors)


def nested_numpify(tensors: Any) -> Any:
    """The tensors as arrays; bfloat16 becomes float32."""
    return None if tensors is None else nested_map(as_array, tensors)


def nested_truncate(tensors: Any, limit: int) -> Any:
    """The first `limit` rows of the tensors."""
    return nested_map(lambda one: one[:limit], tensors)


def nested_new_like(arrays: Any, num_samples: int, padding_index: int = -100) -> Any:
    """Arrays of the dtypes and rows of others, with `num_samples` rows of padding."""
    return nested_map(lambda one: np.full_like(one, padding_index, shape=(num_samples, *one.shape[1:])), arrays)


def expand_like(arrays: Any, new_seq_length: int, padding_index: int = -100) -> Any:
    """An array padded at its second dimension."""
    result = np.full_like(arrays, padding_index, shape=(arrays.shape[0], new_seq_length, *arrays.shape[2:]))
    result[:, : arrays.shape[1]] = arrays
    return result


def atleast_1d(tensor_or_array: Any) -> Any:
    """A tensor or array with at least one dimension."""
    if hasattr(tensor_or_array, "reshape") and not tensor_or_array.shape:
        return tensor_or_array.reshape(1)
    return tensor_or_array if hasattr(tensor_or_array, "shape") else np.atleast_1d(tensor_or_array)


def numpy_pad_and_concatenate(array1: Any, array2: Any, padding_index: int = -100) -> Any:
    """The rows of two arrays, padded at their second dimension to one length."""
    return _joined([array1, array2], padding_index)


def torch_pad_and_concatenate(tensor1: Any, tensor2: Any, padding_index: int = -100) -> Any:
    """The rows of two tensors, padded at their second dimension to one length."""
    return _joined([tensor1, tensor2], padding_index)


def nested_gather(tensors: Any, parallel_mode: Any = None, name: str | None = None) -> Any:
    """The tensors of all processes, joined at their first dimension; arrays if there are several processes."""
    del parallel_mode, name
    if world().size == 1 or tensors is None:
        return tensors
    return nested_join(world().gather(nested_map(atleast_1d, nested_numpify(tensors))), -100)


def nested_concat(tensors: Any, new_tensors: Any, padding_index: int = -100) -> Any:
    """The rows of the tensors in two nested lists, tuples or mappings, padded at their second dimension.

    Raises
    ------
    InputError
        The two have different types, or something is no tensor.
    """
    return nested_join([tensors, new_tensors], padding_index)


class EvalLoopContainer:
    """What an evaluation gathers over its batches.

    Parameters
    ----------
    do_nested_concat
        Whether batches become one array; otherwise they stay a list.
    padding_index
        The value of padding in rows that are shorter than those of other batches.
    """

    def __init__(self, do_nested_concat: bool = True, padding_index: int = -100) -> None:
        self.do_nested_concat = do_nested_concat
        self.padding_index = padding_index
        self._batches: list[Any] = []
        self._count = 0
        self._joined: Any = None

    def add(self, tensors: Any) -> None:
        """Adds a batch."""
        self._batches.append(tensors)

    def to_cpu_and_numpy(self) -> None:
        """Converts the batches to arrays."""
        self._batches[self._count :] = [nested_numpify(one) for one in self._batches[self._count :]]
        self._count = len(self._batches)

    def get_arrays(self) -> Any:
        """The arrays of all batches; None without batches."""
        self.to_cpu_and_numpy()
        if not self._batches:
            return None
        if not self.do_nested_concat:
            return self._batches
        if len(self._batches) > 1:
            self._batches[:] = [nested_join(self._batches, self.padding_index)]
            self._count = 1
        return self._batches[0]


def denumpify_detensorize(metrics: Any) -> Any:
    """Metrics whose arrays and tensors of one element are numbers of Python."""
    if isinstance(metrics, (list, tuple)):
        return type(metrics)(denumpify_detensorize(one) for one in metrics)
    if isinstance(metrics, dict):
        return type(metrics)({key: denumpify_detensorize(one) for key, one in metrics.items()})
    if isinstance(metrics, np.generic):
        return metrics.item()
    if kind_of(metrics) in {"pt", "tf_rs"} and not isinstance(metrics, np.ndarray) and metrics.numel() == 1:
        return metrics.item()
    return metrics


@dataclass
class LabelSmoother:
    """The cross entropy with labels that give a share of their probability to all classes.

    Attributes
    ----------
    epsilon
        The share.
    ignore_index
        The label of positions that have no loss.
    """

    epsilon: float = 0.1
    ignore_index: int = -100

    def __call__(
        self, model_output: Any, labels: Any, shift_labels: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The loss, a tensor.

        Parameters
        ----------
        model_output
            A model's output with `logits`, or a tuple that begins with them.
        labels
            The labels, of the shape of the logits without classes.
        shift_labels
            Whether each position predicts the next label.
        num_items_in_batch
            What the sum of losses is divided by; by default the number of labels that are not ignored.
        """
        logits = model_output["logits"] if isinstance(model_output, Mapping) else model_output[0]
        if shift_labels:
            logits, labels = logits[..., :-1, :], labels[..., 1:]
        losses = -logits.float().log_softmax(-1)
        if labels.dim() == losses.dim() - 1:
            labels = labels.unsqueeze(-1)
        is_ignored = labels == self.ignore_index
        counted = labels.numel() - is_ignored.sum() if num_items_in_batch is None else num_items_in_batch
        picked = losses.gather(-1, labels.clamp(min=0)).masked_fill(is_ignored, 0.0).sum() / counted
        spread = losses.sum(dim=-1, keepdim=True).masked_fill(is_ignored, 0.0).sum() / (counted * losses.shape[-1])
        return (1 - self.epsilon) * picked + self.epsilon * spread


def nested_join(parts: list[Any], padding_index: int) -> Any:
    """The rows of the tensors in nested lists, tuples or mappings, padded at their second dimension.

    Raises
    ------
    InputError
        They have different types, or something is no tensor.
    """
    first = parts[0]
    if isinstance(first, (list, tuple, Mapping)):
        if any(type(part) is not type(first) for part in parts):
            names = ", ".join(sorted({type(part).__name__ for part in parts}))
            raise InputError(f"tensors: expected batches of one type, found {names}")
        if isinstance(first, Mapping):
            joined = {key: nested_join([part[key] for part in parts], padding_index) for key in first}
            return type(first)(joined)  # type: ignore[call-arg]
        columns = [nested_join(list(column), padding_index) for column in zip(*parts, strict=False)]
        return type(first)(*columns) if hasattr(first, "_fields") else type(first)(columns)
    if not hasattr(first, "shape"):
        raise InputError(f"tensors: expected tensors or arrays, found {kind(first)}")
    return _joined(parts, padding_index)


def _joined(parts: list[Any], padding_index: int) -> Any:
    """Rows of arrays or tensors, padded at the second dimension."""
    rows = [atleast_1d(part) for part in parts]
    first = rows[0]
    total = sum(part.shape[0] for part in rows)
    width = max((part.shape[1] for part in rows), default=0) if len(first.shape) > 1 else 0
    is_array = isinstance(first, np.ndarray)
    if len(first.shape) == 1 or all(part.shape[1] == width for part in rows):
        return np.concatenate(rows) if is_array else _concatenated(rows)
    shape = (total, width, *first.shape[2:])
    if not is_array:
        padded = [_padded(part, (part.shape[0], *shape[1:]), padding_index) for part in rows]
        return _concatenated(padded)
    result = np.empty(shape, first.dtype)
    start = 0
    for part in rows:
        stop = start + part.shape[0]
        result[start:stop, : part.shape[1]] = part
        result[start:stop, part.shape[1] :] = padding_index
        start = stop
    return result


def _padded(tensor: Any, shape: tuple[int, ...], padding_index: int) -> Any:
    result = tensor.new_full(shape, padding_index)
    result[:, : tensor.shape[1]] = tensor
    return result


def _concatenated(tensors: list[Any]) -> Any:
    if kind_of(tensors[0]) == "pt":
        torch: Any = sys.modules["torch"]
        return torch.cat(tensors, dim=0)
    return concatenate(tensors, 0)
