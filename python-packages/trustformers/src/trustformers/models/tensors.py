"""Tensors as the results of models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import kind_of, selected
from trustformers.errors import UnsupportedError
from trustformers.runtime.device import Device

__all__ = ["as_tensors", "output_device", "record", "recorded_operand"]


def output_device(return_tensors: Any, inputs: Iterable[Any]) -> Device | None:
    """The device of the tensors that a call returns: that of its first tensor, or the cpu; None returns arrays.

    Raises
    ------
    InputError
        `return_tensors` is neither None nor the name of a type that models return.
    """
    name = selected(return_tensors, "np", "tf_rs")
    if name == "np":
        return None
    for value in inputs:
        if kind_of(value) == "tf_rs":
            device: Device = (value[0] if isinstance(value, (list, tuple)) else value).device
            return device
    return None if name is None else Device.cpu()


def as_tensors(value: Any, device: Device) -> Any:
    """Converts an array, or each array of a tuple, to a tensor, which on the cpu shares the array's memory."""
    if isinstance(value, tuple):
        return tuple(as_tensors(item, device) for item in value)
    if not isinstance(value, (np.ndarray, np.generic)):
        return value
    tensor = _native.Tensor.from_numpy(np.asarray(value))
    return tensor if device.is_cpu() else tensor.to(device=device)


def recorded_operand(kwargs: dict[str, Any]) -> _native.Tensor | None:
    """The `inputs_embeds` of a call that is recorded for their gradient; None for other calls.

    Raises
    ------
    UnsupportedError
        The call is recorded, and an argument has no gradients.
    """
    vectors = kwargs.get("inputs_embeds")
    if not isinstance(vectors, _native.Tensor) or not vectors.requires_grad or not _native.is_grad_enabled():
        return None
    for name in ("labels", "start_positions", "end_positions", "past_key_values", "logits_to_keep"):
        if kwargs.get(name) is not None:
            raise UnsupportedError(
                f"not supported: {name} with inputs_embeds that require a gradient; compute the loss from the outputs, "
                "or pass inputs_embeds.detach()"
            )
    return vectors


def record(model: _native.Model, output: Any, vectors: _native.Tensor, inputs: dict[str, Any]) -> None:
    """Makes the outputs of a call a part of the graph of operations; those of attention weights stay constant."""
    single = [name for name in _DIFFERENTIABLE if output.get(name) is not None]
    states = output.get("hidden_states") or ()
    names = [*single, *("hidden_states" for _ in states)]
    masks = {name: array for name, array in inputs.items() if name != "inputs_embeds" and array is not None}
    tokens = inputs["inputs_embeds"].shape[1]
    found = model.record(names, [*(output[name] for name in single), *states], vectors[:, :tokens], **masks)
    for name, tensor in zip(single, found, strict=False):
        output[name] = tensor
    if states:
        output["hidden_states"] = tuple(found[len(single) :])


_DIFFERENTIABLE = ("last_hidden_state", "pooler_output", "logits", "start_logits", "end_logits")
