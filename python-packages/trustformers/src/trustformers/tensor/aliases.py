"""Torch's other names of dtypes, and questions about objects."""

from __future__ import annotations

from typing import Any

from trustformers._native import Tensor
from trustformers.runtime.device import Device as device
from trustformers.tensor import dtypes

__all__ = [
    "device",
    "double",
    "float",
    "get_default_dtype",
    "half",
    "int",
    "is_floating_point",
    "is_tensor",
    "long",
    "short",
]

half = dtypes.float16
float = dtypes.float32
double = dtypes.float64
short = dtypes.int16
int = dtypes.int32
long = dtypes.int64


def is_tensor(obj: Any) -> bool:
    """Whether an object is a tensor."""
    return isinstance(obj, Tensor)


def is_floating_point(input: Tensor) -> bool:
    """Whether the elements are floating-point numbers."""
    return input.is_floating_point()


def get_default_dtype() -> dtypes.DType:
    """The dtype of tensors that are created from Python floats."""
    return dtypes.float32
