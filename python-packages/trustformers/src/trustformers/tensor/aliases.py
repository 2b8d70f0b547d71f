"""Torch's other names of dtypes, and questions about objects."""

from __future__ import annotations

from typing import Any, Final

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

half: Final = dtypes.float16
float: Final = dtypes.float32
double: Final = dtypes.float64
short: Final = dtypes.int16
int: Final = dtypes.int32
long: Final = dtypes.int64


def is_tensor(obj: Any) -> bool:
    """Whether an object is a tensor."""
    return isinstance(obj, Tensor)


def is_floating_point(input: Tensor) -> bool:
    """Whether the elements are floating-point numbers."""
    return input.is_floating_point()


def get_default_dtype() -> dtypes.DType:
    """The dtype of tensors that are created from Python floats."""
    return dtypes.float32
