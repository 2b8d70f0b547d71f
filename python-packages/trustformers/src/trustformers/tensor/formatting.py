"""Formatting of tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trustformers._native import Tensor

__all__ = ["html", "text"]

_DEFAULTS = ("float32", "int64", "bool")


def text(tensor: Tensor) -> str:
    """The elements as NumPy prints them, with dtype and device if they are not the defaults."""
    prefix = "Tensor("
    # NumPy prints bfloat16 only with ml_dtypes.
    elements = tensor.detach()
    array = np.asarray((elements.float() if tensor.dtype == "bfloat16" else elements).cpu())
    parts = [np.array2string(array, separator=", ", prefix=prefix)]
    if array.size == 0 and array.ndim != 1:
        parts.append(f"shape={tuple(tensor.shape)}")
    if str(tensor.dtype) not in _DEFAULTS or array.size == 0:
        parts.append(f"dtype={tensor.dtype}")
    if str(tensor.device) != "cpu":
        parts.append(f"device={tensor.device}")
    if tensor.requires_grad:
        parts.append("requires_grad=True")
    return f"{prefix}{', '.join(parts)})"


def html(tensor: Tensor) -> str:
    """HTML of a tensor for notebooks: shape, dtype and device above the elements."""
    from html import escape

    title = f"Tensor {tuple(tensor.shape)} {tensor.dtype} on {tensor.device}"
    return f"<div><code>{escape(title)}</code><pre>{escape(text(tensor))}</pre></div>"
