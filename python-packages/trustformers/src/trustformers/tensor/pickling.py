"""Pickling of tensors."""

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
    # Unpickling a bfloat16 array would require ml_dtypes; float32 holds the same numbers.
    array = np.array(host.float() if host.dtype == "bfloat16" else host)
    return array, str(tensor.dtype), str(tensor.device)


def rebuilt(array: Any, dtype: str, device: str) -> Tensor:
    """Rebuilds a tensor from the results of `parts`."""
    return _native.Tensor(array, dtype, device)
