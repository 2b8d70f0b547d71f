"""Pickling of tensors."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers.errors import InputError

if TYPE_CHECKING:
    from trustformers._native import Tensor

__all__ = ["rebuilt", "reduced"]


def _parts(tensor: Tensor) -> tuple[Any, str, str, bool]:
    """The elements as an array, the dtype, the device, and whether the tensor requires a gradient."""
    if not tensor.is_leaf:
        raise InputError("self: a result of a recorded operation cannot be pickled; use detach()")
    host = tensor.detach().cpu()
    # Unpickling a bfloat16 array would require ml_dtypes; float32 holds the same numbers.
    array = np.array(host.float() if host.dtype == "bfloat16" else host)
    return array, str(tensor.dtype), str(tensor.device), tensor.requires_grad


def rebuilt(array: Any, dtype: str, device: str, requires_grad: bool = False) -> Tensor:
    """Rebuilds a tensor from the elements as an array, their dtype and device."""
    return _native.Tensor(array, dtype, device, requires_grad)


def reduced(tensor: Tensor) -> Any:
    """A function and its arguments, which make the tensor when it is read.

    `torch.save` writes a tensor of torch, which `torch.load` reads without trustformers.
    """
    # The frame below is the function that pickles.
    if sys._getframe(1).f_globals.get("__name__") != "torch.serialization":
        return rebuilt, _parts(tensor)
    if not tensor.is_leaf:
        raise InputError("self: a result of a recorded operation cannot be saved; use detach()")
    converted = tensor.detach().to_torch()
    return converted.requires_grad_(tensor.requires_grad).__reduce_ex__(2)
