"""Tensors as the results of models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import kind_of, selected
from trustformers.runtime.device import Device

__all__ = ["as_tensors", "output_device"]


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
