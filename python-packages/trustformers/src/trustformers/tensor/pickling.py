"""Pickling of tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers.errors import InputError

if TYPE_CHECKING:
    from trustformers._native import Tensor

__all__ = ["parts", "rebuilt", "reduced"]


def parts(tensor: Tensor) -> tuple[Any, str, str, bool]:
    """The elements as an array, the dtype, the device, and whether the tensor requires a gradient."""
    if not tensor.is_leaf:
        raise InputError("self: a result of a recorded operation cannot be pickled; use detach()")
    host = tensor.detach().cpu()
    # Unpickling a bfloat16 array would require ml_dtypes; float32 holds the same numbers.
    array = np.array(host.float() if host.dtype == "bfloat16" else host)
    return array, str(tensor.dtype), str(tensor.device), tensor.requires_grad


def rebuilt(array: Any, dtype: str, device: str, requires_grad: bool = False) -> Tensor:
    """Rebuilds a tensor from the results of `parts`."""
    return _native.Tensor(array, dtype, device, requires_grad)


def reduced(tensor: Tensor, *, is_file_of_torch: bool) -> Any:
    """A function and its arguments, which make the tensor when it is read.

    Parameters
    ----------
    is_file_of_torch
        Whether `torch.save` writes it: as a tensor of torch, which `torch.load` reads without trustformers.
    """
    if not is_file_of_torch:
        return rebuilt, parts(tensor)
    if not tensor.is_leaf:
        raise InputError("self: a result of a recorded operation cannot be saved; use detach()")
    converted = tensor.detach().to_torch()
    return converted.requires_grad_(tensor.requires_grad).__reduce_ex__(2)
