"""Functions of elements of the Python array API standard."""

from __future__ import annotations

import builtins
from typing import TypeAlias

from trustformers._native import Tensor

__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "ceil",
    "clip",
    "cos",
    "cosh",
    "divide",
    "equal",
    "exp",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "positive",
    "pow",
    "reciprocal",
    "remainder",
    "round",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "trunc",
]

Number: TypeAlias = builtins.float | builtins.int | builtins.bool
Operand: TypeAlias = Tensor | Number


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


def add(x1: Operand, x2: Operand, /, *, alpha: Number | None = None) -> Tensor:
    """Sum, of which the second tensor may have a factor `alpha`."""
    if alpha is not None:
        return _tensor(x1, x2).add(x2, alpha=alpha)
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


def atan2(x1: Operand, x2: Operand, /) -> Tensor:
    """Angle of a point given as `y, x`."""
    return _tensor(x1, x2).atan2(x2)


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


def divide(x1: Operand, x2: Operand, /) -> Tensor:
    """Quotient, a float."""
    return _tensor(x1, x2) / x2


def equal(x1: Tensor, x2: Operand, /) -> Tensor:
    """Whether elements are equal, element by element."""
    return x1.eq(x2)


def exp(x: Tensor, /) -> Tensor:
    """Exponential."""
    return x.exp()


def floor(x: Tensor, /) -> Tensor:
    """Largest integer not above the element."""
    return x.floor()


def floor_divide(x1: Operand, x2: Operand, /) -> Tensor:
    """Quotient, rounded down."""
    return _tensor(x1, x2) // x2


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
    return x.log2()


def log10(x: Tensor, /) -> Tensor:
    """Logarithm to base 10."""
    return x.log10()


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


def maximum(x1: Operand, x2: Operand, /) -> Tensor:
    """The larger of two elements."""
    return _tensor(x1, x2).maximum(x2)


def minimum(x1: Operand, x2: Operand, /) -> Tensor:
    """The smaller of two elements."""
    return _tensor(x1, x2).minimum(x2)


def multiply(x1: Operand, x2: Operand, /) -> Tensor:
    """Product."""
    return _tensor(x1, x2) * x2


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


def remainder(x1: Operand, x2: Operand, /) -> Tensor:
    """Remainder with the divisor's sign."""
    return _tensor(x1, x2) % x2


def round(x: Tensor, /, *, decimals: int = 0) -> Tensor:
    """Nearest integer, ties to even, or the nearest number with some decimals."""
    return x.round(decimals)


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


def subtract(x1: Operand, x2: Operand, /) -> Tensor:
    """Difference."""
    return _tensor(x1, x2) - x2


def tan(x: Tensor, /) -> Tensor:
    """Tangent."""
    return x.tan()


def tanh(x: Tensor, /) -> Tensor:
    """Hyperbolic tangent."""
    return x.tanh()


def trunc(x: Tensor, /) -> Tensor:
    """Integer part."""
    return x.trunc()
