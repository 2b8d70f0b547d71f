"""Functions of the Python array API standard for tensors, and functions of torch.

https://data-apis.org/array-api/2024.12/API_specification/index.html

Missing are complex numbers (`complex64`, `complex128`, `conj`, `imag`, `real`) and the extensions `linalg` and `fft`.
`Tensor.size` is torch's method instead of the standard's number of elements. `max`, `min`, `sort`, `std` and `var`
follow torch where they are called with torch's `dim`.
"""

from __future__ import annotations

import builtins
import math
from typing import Any, Final, overload

import numpy as np

from trustformers import _native
from trustformers._native import (
    Tensor,
    arange,
    cat,
    cross_entropy,
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
    rms_norm,
    stack,
    zeros,
    zeros_like,
)
from trustformers.errors import InputError
from trustformers.runtime.backends import list_devices
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

e: Final = math.e
inf: Final = math.inf
nan: Final = math.nan
newaxis = None
pi: Final = math.pi

__all__ = [
    "DType",
    "Tensor",
    "__array_namespace_info__",
    "arange",
    "asarray",
    "astype",
    "bfloat16",
    "bool",
    "can_cast",
    "cat",
    "cross_entropy",
    "e",
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


@overload
def where(condition: Tensor) -> tuple[Tensor, ...]: ...
@overload
def where(condition: Tensor, input: Any, other: Any) -> Tensor: ...
def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """Elements of `input` where a condition is true, and of `other` elsewhere; with a condition only, the indices where
    it is true, one tensor per dimension.
    """
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    return _native._where(condition, input, other)


def can_cast(from_: Any, to: Any, /) -> builtins.bool:
    """Whether a dtype or a tensor is promoted to a dtype without a change of that dtype."""
    own, wide = (DType(Tensor(0, one.dtype if isinstance(one, Tensor) else one).dtype) for one in (from_, to))
    return _native.promote_types(own, wide) == wide


class _Info:
    """Capabilities of the namespace, as the array API standard describes them."""

    def capabilities(self) -> dict[str, Any]:
        """Optional features of the standard."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": None}

    def default_device(self) -> str:
        """The device of new tensors."""
        return "cpu"

    def default_dtypes(self, *, device: Any = None) -> dict[str, DType]:
        """Dtypes of new tensors."""
        return {"real floating": float32, "integral": int64, "indexing": int64}

    def devices(self) -> list[str]:
        """Devices of tensors."""
        return [str(info.device) for info in list_devices()]

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, DType]:
        """Dtypes of tensors, all or those of a kind."""
        return {str(name): name for name in BY_NAME if kind is None or isdtype(name, kind)}


def __array_namespace_info__() -> _Info:
    """Capabilities of the namespace."""
    return _Info()


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


def _name(type: Any) -> DType:
    return DType(type.dtype if isinstance(type, Tensor) else Tensor(0, type).dtype)


class _BFloat16Info:
    """Limits of bfloat16, which NumPy does not have."""

    bits = 16
    eps = 2.0**-7
    max = (2 - 2.0**-7) * 2.0**127
    min = -max
    smallest_normal = 2.0**-126
    tiny = smallest_normal
    resolution = 0.01
    dtype = bfloat16


def finfo(type: Any = float32, /) -> Any:
    """Limits of a float dtype."""
    name = _name(type)
    return _BFloat16Info() if name == bfloat16 else np.finfo(np.dtype(str(name)))


def iinfo(type: Any, /) -> Any:
    """Limits of an integer dtype."""
    return np.iinfo(np.dtype(str(_name(type))))
