"""Dtypes of tensors."""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy.typing as npt

    # Types in the signatures of the native class; its methods shadow the names of built-in types.
    Array: TypeAlias = npt.NDArray[Any]
    ArrayLike: TypeAlias = npt.ArrayLike
    DtypeLike: TypeAlias = builtins.str | builtins.type[Any] | np.dtype[Any]

__all__ = [
    "BY_NAME",
    "DType",
    "bfloat16",
    "bool",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]


class DType(str):
    """The dtype of a tensor, a str that compares equal to the dtypes of NumPy and torch with the same name.

    Examples
    --------
    >>> trustformers.Tensor([1.0]).dtype == np.float32
    True
    """

    __slots__ = ()

    def __eq__(self, other: object) -> Any:
        if isinstance(other, str):
            return str.__eq__(self, other)
        name = _name(other)
        return NotImplemented if name is None else str.__eq__(self, name)

    def __ne__(self, other: object) -> Any:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return str.__hash__(self)

    def __repr__(self) -> str:
        return f"trustformers.tensor.{self}"

    @property
    def itemsize(self) -> int:
        """Size of an element in bytes."""
        return 1 if self == "bool" else int("".join(filter(str.isdigit, self))) // 8

    @property
    def is_floating_point(self) -> Any:
        """Whether elements are floating-point numbers."""
        return "float" in self


def _name(dtype: object) -> str | None:
    """The name of a dtype of NumPy or torch; `None` for other objects."""
    if dtype is builtins.bool:
        return "bool"
    if isinstance(dtype, np.dtype):
        return str(dtype.name)
    if isinstance(dtype, type) and issubclass(dtype, np.generic):
        return str(np.dtype(dtype).name)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(dtype, torch.dtype):
        return str(dtype).removeprefix("torch.")
    return None


bool: Final = DType("bool")
uint8: Final = DType("uint8")
uint16: Final = DType("uint16")
uint32: Final = DType("uint32")
uint64: Final = DType("uint64")
int8: Final = DType("int8")
int16: Final = DType("int16")
int32: Final = DType("int32")
int64: Final = DType("int64")
float16: Final = DType("float16")
bfloat16: Final = DType("bfloat16")
float32: Final = DType("float32")
float64: Final = DType("float64")
BY_NAME: Final = {
    name: name
    for name in (
        bool,
        uint8,
        uint16,
        uint32,
        uint64,
        int8,
        int16,
        int32,
        int64,
        float16,
        bfloat16,
        float32,
        float64,
    )
}
