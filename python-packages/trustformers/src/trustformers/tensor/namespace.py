"""Functions of the Python array API standard for tensors, and a few functions of torch.

https://data-apis.org/array-api/2024.12/API_specification/index.html
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any, TypeAlias

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

Axis: TypeAlias = int | tuple[int, ...] | None
Number: TypeAlias = builtins.float | builtins.int | builtins.bool
Operand: TypeAlias = Tensor | Number

e = math.e
inf = math.inf
nan = math.nan
newaxis = None
pi = math.pi

__all__ = [
    "DType",
    "Tensor",
    "abs",
    "acos",
    "acosh",
    "add",
    "all",
    "any",
    "arange",
    "argmax",
    "argmin",
    "argsort",
    "asarray",
    "asin",
    "asinh",
    "astype",
    "atan",
    "atan2",
    "atanh",
    "bfloat16",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "bool",
    "broadcast_arrays",
    "broadcast_to",
    "cat",
    "ceil",
    "clip",
    "concat",
    "cos",
    "cosh",
    "cross_entropy",
    "cumulative_prod",
    "cumulative_sum",
    "divide",
    "e",
    "einsum",
    "embedding",
    "empty",
    "empty_like",
    "equal",
    "exp",
    "expand_dims",
    "eye",
    "finfo",
    "flip",
    "float16",
    "float32",
    "float64",
    "floor",
    "floor_divide",
    "from_dlpack",
    "full",
    "full_like",
    "greater",
    "greater_equal",
    "iinfo",
    "inf",
    "int8",
    "int16",
    "int32",
    "int64",
    "isdtype",
    "isfinite",
    "isinf",
    "isnan",
    "layer_norm",
    "less",
    "less_equal",
    "linspace",
    "log",
    "log1p",
    "log2",
    "log10",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "matmul",
    "matrix_transpose",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "multiply",
    "nan",
    "negative",
    "newaxis",
    "nonzero",
    "not_equal",
    "ones",
    "ones_like",
    "permute_dims",
    "pi",
    "positive",
    "pow",
    "prod",
    "rand",
    "randn",
    "reciprocal",
    "remainder",
    "reshape",
    "result_type",
    "rms_norm",
    "round",
    "sign",
    "sin",
    "sinh",
    "sort",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tile",
    "trunc",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "unstack",
    "var",
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


def _tensor(x: Operand, like: Operand) -> Tensor:
    """Converts an operand to a tensor."""
    if isinstance(x, Tensor):
        return x
    return Tensor(x, device=like.device if isinstance(like, Tensor) else None)


def abs(x: Tensor, /) -> Tensor:
    """Absolute value."""
    return x.abs()


def acos(x: Tensor, /) -> Tensor:
    """Inverse cosine."""
    return x.acos()


def acosh(x: Tensor, /) -> Tensor:
    """Inverse hyperbolic cosine."""
    return x.acosh()


def add(x1: Operand, x2: Operand, /) -> Tensor:
    """Sum."""
    return _tensor(x1, x2) + x2 if isinstance(x1, Tensor) else _tensor(x2, x1) + x1


def asin(x: Tensor, /) -> Tensor:
    """Inverse sine."""
    return x.asin()


def asinh(x: Tensor, /) -> Tensor:
    """Inverse hyperbolic sine."""
    return x.asinh()


def atan(x: Tensor, /) -> Tensor:
    """Inverse tangent."""
    return x.atan()


def atan2(x1: Tensor, x2: Operand, /) -> Tensor:
    """Angle of a point given as `y, x`."""
    return x1.atan2(x2)


def atanh(x: Tensor, /) -> Tensor:
    """Inverse hyperbolic tangent."""
    return x.atanh()


def bitwise_and(x1: Tensor, x2: Operand, /) -> Tensor:
    """Conjunction of bits."""
    return x1 & x2


def bitwise_invert(x: Tensor, /) -> Tensor:
    """Complement of bits."""
    return ~x


def bitwise_left_shift(x1: Tensor, x2: Operand, /) -> Tensor:
    """Left shift of bits."""
    return x1 << x2


def bitwise_or(x1: Tensor, x2: Operand, /) -> Tensor:
    """Disjunction of bits."""
    return x1 | x2


def bitwise_right_shift(x1: Tensor, x2: Operand, /) -> Tensor:
    """Right shift of bits."""
    return x1 >> x2


def bitwise_xor(x1: Tensor, x2: Operand, /) -> Tensor:
    """Exclusive disjunction of bits."""
    return x1 ^ x2


def ceil(x: Tensor, /) -> Tensor:
    """Smallest integer not below the element."""
    return x.ceil()


def clip(x: Tensor, /, min: Operand | None = None, max: Operand | None = None) -> Tensor:
    """Elements clamped to a range."""
    return x.clip(min, max)


def cos(x: Tensor, /) -> Tensor:
    """Cosine."""
    return x.cos()


def cosh(x: Tensor, /) -> Tensor:
    """Hyperbolic cosine."""
    return x.cosh()


def divide(x1: Tensor, x2: Operand, /) -> Tensor:
    """Quotient, a float."""
    return x1 / x2


def equal(x1: Tensor, x2: Operand, /) -> Tensor:
    """Whether elements are equal, element by element."""
    return x1.eq(x2)


def exp(x: Tensor, /) -> Tensor:
    """Exponential."""
    return x.exp()


def floor(x: Tensor, /) -> Tensor:
    """Largest integer not above the element."""
    return x.floor()


def floor_divide(x1: Tensor, x2: Operand, /) -> Tensor:
    """Quotient, rounded down."""
    return x1 // x2


def greater(x1: Tensor, x2: Operand, /) -> Tensor:
    """Whether elements are greater than the other's."""
    return x1 > x2


def greater_equal(x1: Tensor, x2: Operand, /) -> Tensor:
    """Whether elements are greater than or equal to the other's."""
    return x1 >= x2


def isfinite(x: Tensor, /) -> Tensor:
    """Whether each element is neither infinite nor NaN."""
    return x.isfinite()


def isinf(x: Tensor, /) -> Tensor:
    """Whether each element is infinite."""
    return x.isinf()


def isnan(x: Tensor, /) -> Tensor:
    """Whether each element is NaN."""
    return x.isnan()


def less(x1: Tensor, x2: Operand, /) -> Tensor:
    """Whether elements are less than the other's."""
    return x1 < x2


def less_equal(x1: Tensor, x2: Operand, /) -> Tensor:
    """Whether elements are less than or equal to the other's."""
    return x1 <= x2


def log(x: Tensor, /) -> Tensor:
    """Natural logarithm."""
    return x.log()


def log1p(x: Tensor, /) -> Tensor:
    """Natural logarithm of 1 plus the element."""
    return x.log1p()


def log2(x: Tensor, /) -> Tensor:
    """Logarithm to base 2."""
    return x.log() / math.log(2.0)


def log10(x: Tensor, /) -> Tensor:
    """Logarithm to base 10."""
    return x.log() / math.log(10.0)


def logical_and(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Whether both elements are nonzero."""
    return x1.bool() & x2.bool()


def logical_not(x: Tensor, /) -> Tensor:
    """Whether each element is zero."""
    return x.logical_not()


def logical_or(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Whether either element is nonzero."""
    return x1.bool() | x2.bool()


def logical_xor(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Whether exactly one of two elements is nonzero."""
    return x1.bool() ^ x2.bool()


def maximum(x1: Tensor, x2: Operand, /) -> Tensor:
    """The larger of two elements."""
    return x1.maximum(x2)


def minimum(x1: Tensor, x2: Operand, /) -> Tensor:
    """The smaller of two elements."""
    return x1.minimum(x2)


def multiply(x1: Tensor, x2: Operand, /) -> Tensor:
    """Product."""
    return x1 * x2


def negative(x: Tensor, /) -> Tensor:
    """Negative."""
    return -x


def not_equal(x1: Tensor, x2: Operand, /) -> Tensor:
    """Whether elements differ, element by element."""
    return x1.ne(x2)


def positive(x: Tensor, /) -> Tensor:
    """The unchanged elements."""
    return +x


def pow(x1: Operand, x2: Operand, /) -> Tensor:
    """Power."""
    return x1**x2 if isinstance(x1, Tensor) else _tensor(x2, x1).__rpow__(x1)


def reciprocal(x: Tensor, /) -> Tensor:
    """1 divided by the element."""
    return x.reciprocal()


def remainder(x1: Tensor, x2: Operand, /) -> Tensor:
    """Remainder with the divisor's sign."""
    return x1 % x2


def round(x: Tensor, /) -> Tensor:
    """Nearest integer, ties to even."""
    return x.round()


def sign(x: Tensor, /) -> Tensor:
    """Sign: -1, 0 or 1."""
    return x.sign()


def sin(x: Tensor, /) -> Tensor:
    """Sine."""
    return x.sin()


def sinh(x: Tensor, /) -> Tensor:
    """Hyperbolic sine."""
    return x.sinh()


def sqrt(x: Tensor, /) -> Tensor:
    """Square root."""
    return x.sqrt()


def square(x: Tensor, /) -> Tensor:
    """Square."""
    return x.square()


def subtract(x1: Tensor, x2: Operand, /) -> Tensor:
    """Difference."""
    return x1 - x2


def tan(x: Tensor, /) -> Tensor:
    """Tangent."""
    return x.tan()


def tanh(x: Tensor, /) -> Tensor:
    """Hyperbolic tangent."""
    return x.tanh()


def trunc(x: Tensor, /) -> Tensor:
    """Integer part."""
    return x.trunc()


def matmul(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Matrix product; leading dimensions are broadcast."""
    return x1 @ x2


def matrix_transpose(x: Tensor, /) -> Tensor:
    """The tensor with its last two dimensions swapped."""
    return x.mT


def broadcast_arrays(*arrays: Tensor) -> list[Tensor]:
    """Tensors broadcast to their common shape."""
    return _native.broadcast_tensors(*arrays)


def broadcast_to(x: Tensor, /, shape: Sequence[int]) -> Tensor:
    """The tensor broadcast to a shape."""
    return x.expand(tuple(shape))


def concat(arrays: Sequence[Tensor], /, *, axis: int | None = 0) -> Tensor:
    """Concatenates tensors along a dimension; with `None`, concatenates the flattened tensors."""
    if axis is None:
        return cat([x.ravel() for x in arrays], 0)
    return cat(list(arrays), axis)


def expand_dims(x: Tensor, /, *, axis: int = 0) -> Tensor:
    """The tensor with a new dimension of size 1."""
    return x.unsqueeze(axis)


def flip(x: Tensor, /, *, axis: Axis = None) -> Tensor:
    """The tensor with dimensions reversed."""
    return x.flip() if axis is None else x.flip(axis)


def permute_dims(x: Tensor, /, axes: Sequence[int]) -> Tensor:
    """The tensor with its dimensions reordered."""
    return x.permute(tuple(axes))


def reshape(x: Tensor, /, shape: Sequence[int], *, copy: builtins.bool | None = None) -> Tensor:
    """The elements in another shape, in which one size may be -1 to be inferred."""
    found = x.reshape(tuple(shape))
    return found.clone() if copy else found


def squeeze(x: Tensor, /, axis: int | tuple[int, ...]) -> Tensor:
    """The tensor without the named dimensions, which must have size 1."""
    for one in (axis,) if isinstance(axis, int) else axis:
        if x.size(one) != 1:
            raise InputError(f"axis: dimension {one} has size {x.size(one)}, not 1")
    return x.squeeze(axis)


def tile(x: Tensor, repetitions: Sequence[int], /) -> Tensor:
    """The tensor repeated along each dimension."""
    return x.tile(tuple(repetitions))


def unstack(x: Tensor, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along a dimension, without that dimension."""
    return tuple(x.unbind(axis))


def take(x: Tensor, indices: Tensor, /, *, axis: int | None = None) -> Tensor:
    """Elements along a dimension at indices of rank 1."""
    if axis is None:
        x, axis = x.ravel(), 0
    return x.index_select(axis, indices)


def take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int = -1) -> Tensor:
    """Elements at indices of the result's shape along a dimension."""
    return x.gather(axis, indices)


def argmax(x: Tensor, /, *, axis: int | None = None, keepdims: builtins.bool = False) -> Tensor:
    """Index of the first largest element."""
    return x.argmax(axis=axis, keepdims=keepdims)


def argmin(x: Tensor, /, *, axis: int | None = None, keepdims: builtins.bool = False) -> Tensor:
    """Index of the first smallest element."""
    return x.argmin(axis=axis, keepdims=keepdims)


def nonzero(x: Tensor, /) -> tuple[Tensor, ...]:
    """Indices of the nonzero elements, one tensor per dimension."""
    if x.ndim == 0:
        raise InputError("x: a tensor without dimensions has no indices")
    found: tuple[Tensor, ...] = x.nonzero(as_tuple=True)
    return found


def argsort(x: Tensor, /, *, axis: int = -1, descending: builtins.bool = False, stable: builtins.bool = True) -> Tensor:
    """Indices that sort a dimension."""
    return x.argsort(axis, descending, stable=stable)


def sort(x: Tensor, /, *, axis: int = -1, descending: builtins.bool = False, stable: builtins.bool = True) -> Tensor:
    """The sorted elements along a dimension."""
    found: Tensor = x.sort(axis, descending, stable=stable).values
    return found


def cumulative_sum(x: Tensor, /, *, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Cumulative sums along a dimension."""
    return x.cumsum(axis, dtype=dtype)


def cumulative_prod(x: Tensor, /, *, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Cumulative products along a dimension."""
    return x.cumprod(axis, dtype=dtype)


def max(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """The largest elements over dimensions."""
    return x.amax(axis=axis, keepdims=keepdims)


def min(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """The smallest elements over dimensions."""
    return x.amin(axis=axis, keepdims=keepdims)


def mean(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Means over dimensions."""
    return x.mean(axis=axis, keepdims=keepdims)


def prod(x: Tensor, /, *, axis: Axis = None, dtype: Any = None, keepdims: builtins.bool = False) -> Tensor:
    """Products over dimensions."""
    return x.prod(axis=axis, dtype=dtype, keepdims=keepdims)


def std(x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False) -> Tensor:
    """Standard deviations over dimensions."""
    return x.std(axis=axis, correction=correction, keepdims=keepdims)


def sum(x: Tensor, /, *, axis: Axis = None, dtype: Any = None, keepdims: builtins.bool = False) -> Tensor:
    """Sums over dimensions."""
    return x.sum(axis=axis, dtype=dtype, keepdims=keepdims)


def var(x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False) -> Tensor:
    """Variances over dimensions."""
    return x.var(axis=axis, correction=correction, keepdims=keepdims)


def all(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Whether all elements over dimensions are nonzero."""
    return x.all(axis=axis, keepdims=keepdims)


def any(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Whether any element over dimensions is nonzero."""
    return x.any(axis=axis, keepdims=keepdims)
