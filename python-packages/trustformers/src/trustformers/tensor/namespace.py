"""Functions of the Python array API standard for tensors, and a few functions of torch.

https://data-apis.org/array-api/2024.12/API_specification/index.html
"""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from trustformers import _native
from trustformers._native import (
    Tensor,
    arange,
    cat,
    cross_entropy,
    einsum,
    embedding,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    layer_norm,
    linspace,
    ones,
    ones_like,
    rand,
    randn,
    rms_norm,
    stack,
    where,
    zeros,
    zeros_like,
)
from trustformers.errors import InputError
from trustformers.tensor.dtypes import (
    BY_NAME,
    DType,
    bfloat16,
    bool,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)

e = math.e
inf = math.inf
nan = math.nan
newaxis = None
pi = math.pi

__all__ = [
    "DType",
    "Tensor",
    "arange",
    "asarray",
    "astype",
    "bfloat16",
    "bool",
    "cat",
    "cross_entropy",
    "e",
    "einsum",
    "embedding",
    "empty",
    "empty_like",
    "eye",
    "finfo",
    "float16",
    "float32",
    "float64",
    "from_dlpack",
    "full",
    "full_like",
    "iinfo",
    "inf",
    "int8",
    "int16",
    "int32",
    "int64",
    "isdtype",
    "layer_norm",
    "linspace",
    "nan",
    "newaxis",
    "ones",
    "ones_like",
    "pi",
    "rand",
    "randn",
    "result_type",
    "rms_norm",
    "stack",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "where",
    "zeros",
    "zeros_like",
]


def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: builtins.bool | None = None) -> Tensor:
    """A tensor from a number, nested lists, an array or a tensor; `copy=False` raises if a copy is needed."""
    tensor = Tensor(obj, dtype, device)
    if copy:
        return tensor.clone()
    if copy is False and not (isinstance(obj, np.ndarray) and np.shares_memory(obj, tensor.numpy())):
        given = isinstance(obj, Tensor) and (dtype is None or obj.dtype == dtype)
        if not given:
            raise InputError("copy: a tensor of these data needs a copy")
    return tensor


def from_dlpack(x: Any, /, *, device: Any = None, copy: builtins.bool | None = None) -> Tensor:
    """A tensor that shares the memory of an object with `__dlpack__`."""
    tensor = Tensor.from_dlpack(x)
    tensor = tensor if device is None else tensor.to(device)
    return tensor.clone() if copy else tensor


def astype(x: Tensor, dtype: Any, /, *, copy: builtins.bool = True, device: Any = None) -> Tensor:
    """The tensor cast to a dtype."""
    return x.to(dtype=dtype, device=device, copy=copy)


def result_type(*values: Any) -> DType:
    """The dtype that tensors, dtypes and numbers are promoted to.

    Raises
    ------
    InputError
        Two operands have no common dtype.
    """
    found: DType | None = None
    for value in values:
        if isinstance(value, (builtins.bool, builtins.int, builtins.float)):
            continue
        own = value.dtype if isinstance(value, Tensor) else DType(Tensor(0, value).dtype)
        name = own if found is None else _native.promote_types(found, own)
        if name is None:
            raise InputError(f"dtype: {found} and {own} have no common dtype")
        found = BY_NAME[DType(name)]
    if found is None:
        raise InputError("dtype: expected a tensor or a dtype besides numbers")
    numbers = [value for value in values if isinstance(value, (builtins.bool, builtins.int, builtins.float))]
    one = zeros((1,), dtype=found)
    for number in numbers:
        one = one + number
    return BY_NAME[DType(one.dtype)]


_KINDS = {
    "bool": ("bool",),
    "signed integer": ("int8", "int16", "int32", "int64"),
    "unsigned integer": ("uint8", "uint16", "uint32", "uint64"),
    "real floating": ("float16", "bfloat16", "float32", "float64"),
    "complex floating": (),
}
_KINDS["integral"] = _KINDS["signed integer"] + _KINDS["unsigned integer"]
_KINDS["numeric"] = _KINDS["integral"] + _KINDS["real floating"]


def isdtype(dtype: Any, kind: Any) -> builtins.bool:
    """Whether a dtype is of a kind: a dtype, one of the standard's names of kinds, or a tuple of these."""
    if isinstance(kind, tuple):
        return builtins.any(isdtype(dtype, one) for one in kind)
    if isinstance(kind, str) and not isinstance(kind, DType):
        if kind not in _KINDS:
            raise InputError(f"kind: {kind!r}; expected one of {', '.join(_KINDS)}")
        return str(dtype) in _KINDS[kind]
    return builtins.bool(dtype == kind)


def _numpy_dtype(type: Any) -> Any:
    return np.dtype(str(type.dtype if isinstance(type, Tensor) else type))


def finfo(type: Any, /) -> Any:
    """Limits of a float dtype."""
    return np.finfo(_numpy_dtype(type))


def iinfo(type: Any, /) -> Any:
    """Limits of an integer dtype."""
    return np.iinfo(_numpy_dtype(type))
