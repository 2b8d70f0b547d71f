"""Tensors as the results of models."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import as_array, kind_of, selected, unreadable
from trustformers.errors import InputError, UnsupportedError
from trustformers.runtime.device import Device

__all__ = ["RecordedCall", "Target", "check_inputs", "embeddings", "record", "recorded_operand"]


@dataclass(frozen=True)
class Target:
    """The library, the device and the float dtype of the tensors that a call returns."""

    kind: str
    device: Any
    dtype: str = "float32"

    @classmethod
    def of(cls, return_tensors: Any, inputs: Iterable[Any], dtype: str) -> Target | None:
        """What a call returns: torch's tensors if any input is one, else `Tensor`s if any is; None for arrays.

        Tensors are on the device of the first such input. torch's have the `dtype` of the model.

        Raises
        ------
        InputError
            `return_tensors` is neither None nor the name of a type that models return.
        """
        name = selected(return_tensors, "np", "pt", "tf_rs")
        if name == "np":
            return None
        devices: dict[str, Any] = {}
        for value in inputs:
            kind = kind_of(value)
            if kind in {"pt", "tf_rs"}:
                devices.setdefault(kind, (value[0] if isinstance(value, (list, tuple)) else value).device)
        kind = name or ("pt" if "pt" in devices else "tf_rs" if devices else None)
        if kind is None:
            return None
        fallback: Any = "cpu" if kind == "pt" else Device.cpu()
        return cls(kind, devices.get(kind, fallback), dtype if kind == "pt" else "float32")

    def convert(self, value: Any) -> Any:
        """Converts an array, or each array of a tuple; on the cpu tensors share the array's memory."""
        if isinstance(value, tuple):
            return tuple(self.convert(item) for item in value)
        if isinstance(value, _native.Tensor) and self.kind == "pt":
            return self._of_torch(value.to_torch())
        if not isinstance(value, (np.ndarray, np.generic)):
            return value
        tensor = _native.Tensor.from_numpy(np.asarray(value))
        if self.kind == "pt":
            return self._of_torch(tensor.to_torch())
        return tensor if self.device.is_cpu() else tensor.to(device=self.device)

    @property
    def records(self) -> bool:
        """Whether operations on such tensors are recorded for gradients."""
        torch = sys.modules["torch"] if self.kind == "pt" else _native
        return bool(torch.is_grad_enabled())

    def _of_torch(self, tensor: Any) -> Any:
        dtype = getattr(sys.modules["torch"], self.dtype) if tensor.is_floating_point() else tensor.dtype
        return tensor.to(device=self.device, dtype=dtype)

    def called(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of arrays that calls one of tensors of torch, which expects what generation passes in torch."""
        if self.kind != "pt":
            return function
        plain = Target("pt", self.device)
        return lambda *args: as_array(function(*(plain.convert(value) for value in args)))


def check_inputs(inputs: Mapping[str, Any], device: Device) -> None:
    """Checks that tensors of torch are on the cpu or the model's device.

    Raises
    ------
    InputError
        One is not; the message names it.
    """
    for name, value in inputs.items():
        if kind_of(value) == "pt":
            first = value[0] if isinstance(value, (list, tuple)) else value
            place = first.device
            if str(place) == "meta":
                raise InputError(f"{name}: the tensor is on meta, and has no elements; pass one with elements")
            if found := unreadable(value):
                raise InputError(f"{name}: {found}")
            if str(place).partition(":")[0] not in ("cpu", str.__str__(device).partition(":")[0]):
                raise InputError(
                    f"{name}: the tensor is on {place}, and the model is on {device}; pass {name}.to(model.device)"
                )


def embeddings(
    table: _native.Tensor, ids: Any, dtype: str, rows: Callable[[_native.Tensor, _native.Tensor], _native.Tensor]
) -> Any:
    """The rows of a table of embeddings: tensors of the library of `ids`, or float32 arrays.

    Parameters
    ----------
    table
        The table.
    ids
        Indices of rows.
    dtype
        The dtype of torch's tensors.
    rows
        Computes the rows from the table and a tensor of indices.

    Raises
    ------
    InputError
        An id is no index of a row.
    """
    target = Target.of(None, (ids,), dtype)
    array = np.asarray(as_array(ids))
    if array.dtype.kind not in "iu":
        raise InputError(f"input: expected token ids, found {array.dtype}")
    outside = array[(array < 0) | (array >= table.shape[0])]
    if outside.size:
        raise InputError(f"input: the token id {outside.flat[0]} is not in the vocabulary of {table.shape[0]} tokens")
    found = rows(table, _native.Tensor(array.astype(np.int64)))
    if target is None:
        return found.detach().float().numpy()
    return target.convert(found) if target.kind == "pt" else found


def recorded_operand(kwargs: dict[str, Any], argument: str = "inputs_embeds") -> _native.Tensor | None:
    """The `inputs_embeds` of a call that is recorded for their gradient; None for other calls.

    Parameters
    ----------
    kwargs
        The arguments of the call.
    argument
        Name of the argument in place of `inputs_embeds`.

    Raises
    ------
    UnsupportedError
        The call is recorded, and an argument has no gradients.
    """
    vectors: Any = kwargs.get(argument)
    if kind_of(vectors) == "pt" and vectors.requires_grad and sys.modules["torch"].is_grad_enabled():
        vectors = kwargs[argument] = _native.Tensor.from_torch(vectors)
    if not isinstance(vectors, _native.Tensor) or not vectors.requires_grad or not _native.is_grad_enabled():
        return None
    for name in ("past_key_values", "logits_to_keep"):
        if kwargs.get(name) is not None:
            raise UnsupportedError(
                f"not supported: {name} with {argument} that require a gradient; leave it out, or pass "
                f"{argument}.detach()"
            )
    return vectors


class RecordedCall:
    """A call in evaluation mode, which a backward pass computes again.

    Parameters
    ----------
    native
        The engine's model.
    weights
        Paths and tensors of the weights whose gradients may be requested.
    vectors
        The `inputs_embeds` that require a gradient.
    inputs
        The arrays of the call, those of the decoder if there is a source.
    source
        What the decoder of an encoder-decoder attends to.
    """

    def __init__(
        self,
        native: Any,
        weights: list[tuple[str, _native.Tensor]],
        vectors: _native.Tensor | None,
        inputs: Mapping[str, Any],
        source: _native.EncoderSource | None = None,
    ) -> None:
        self._native, self._weights, self._vectors, self._source = native, weights, vectors, source
        self._inputs = {name: array for name, array in inputs.items() if name in _INPUTS and array is not None}
        if vectors is not None and source is None:
            self._vectors = vectors[:, : self._inputs.pop("inputs_embeds").shape[1]]

    def record(self, names: list[str], outputs: list[_native.Tensor]) -> list[_native.Tensor]:
        """The outputs of the call as part of the graph."""
        found: list[_native.Tensor] = self._native.record(
            names, outputs, self._weights, self._vectors, self._inputs, source=self._source
        )
        return found


def record(
    call: Callable[[list[str], list[_native.Tensor]], list[_native.Tensor]],
    output: Any,
    *,
    only_loss: bool = False,
    constant: Container[str] = (),
) -> None:
    """Makes the outputs of a call a part of the graph of operations; those of attention weights stay constant.

    Parameters
    ----------
    call
        Records outputs by name.
    only_loss
        Whether the outputs besides the loss stay constant.
    constant
        Names of outputs that the call did not compute.
    """
    single = [name for name in _DIFFERENTIABLE if name not in constant and output.get(name) is not None]
    of_layers = {name: output.get(name) or () for name in _OF_LAYERS if name not in constant}
    names = [*single, *(name for name, states in of_layers.items() for _ in states)]
    arrays = [*(output[name] for name in single), *(state for states in of_layers.values() for state in states)]
    found = iter(call(names, [_native.Tensor.from_numpy(np.asarray(array)) for array in arrays]))
    for name in single:
        tensor = next(found)
        if name == "loss" or not only_loss:
            output[name] = tensor
    for name, states in of_layers.items():
        tensors = tuple(next(found) for _ in states)
        if states and not only_loss:
            output[name] = tensors


_DIFFERENTIABLE = (
    *("loss", "aux_loss", "last_hidden_state", "pooler_output", "logits", "start_logits", "end_logits"),
    "encoder_last_hidden_state",
)
_OF_LAYERS = ("hidden_states", "router_logits", "decoder_hidden_states", "encoder_hidden_states")
# What the gradients of an output are computed from.
_INPUTS = (
    *("input_ids", "inputs_embeds", "attention_mask", "token_type_ids", "position_ids", "task_type_ids"),
    *("labels", "targets", "start_positions", "end_positions", "padding", "output_router_logits"),
)
