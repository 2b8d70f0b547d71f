"""Tensors as pickles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native

if TYPE_CHECKING:
    from trustformers._native import Tensor

__all__ = ["parts", "rebuilt"]


def parts(tensor: Tensor) -> tuple[Any, str, str]:
    """The elements as an array, the dtype and the device."""
    host = tensor.cpu()
    # An array of bfloat16 could be read with ml_dtypes only; float32 holds the same numbers.
    array = np.array(host.float() if host.dtype == "bfloat16" else host)
    return array, str(tensor.dtype), str(tensor.device)


def rebuilt(array: Any, dtype: str, device: str) -> Tensor:
    """The tensor of its parts."""
    return _native.Tensor(array, dtype, device)
