"""Arithmetic with torch's names, and functions of two elements of the standard."""

from __future__ import annotations

import math

import numpy as np

from trustformers._native import Tensor
from trustformers.tensor.elementwise import Operand
from trustformers.tensor.namespace import where

__all__ = [
    "addcdiv",
    "addcmul",
    "clamp",
    "copysign",
    "div",
    "erf",
    "exp2",
    "expm1",
    "fmod",
    "hypot",
    "lerp",
    "logaddexp",
    "mul",
    "nan_to_num",
    "neg",
    "nextafter",
    "rsqrt",
    "signbit",
    "sub",
    "true_divide",
]


def sub(input: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
    """Difference of `input` and `alpha * other`."""
    return input.sub(other, alpha=alpha)


def mul(input: Tensor, other: Operand) -> Tensor:
    """Product."""
    return input * other


def div(input: Tensor, other: Operand, *, rounding_mode: str | None = None) -> Tensor:
    """Quotient, a float; with `rounding_mode` "floor" rounded down, with "trunc" rounded towards zero."""
    return input.div(other, rounding_mode=rounding_mode)


def true_divide(input: Tensor, other: Operand) -> Tensor:
    """Quotient, a float."""
    return input / other


def fmod(input: Tensor, other: Operand) -> Tensor:
    """Remainder with the sign of the first element."""
    return input.fmod(other)


def neg(input: Tensor) -> Tensor:
    """Negative."""
    return -input


def clamp(input: Tensor, min: Operand | None = None, max: Operand | None = None) -> Tensor:
    """Elements clamped to a range."""
    return input.clamp(min, max)


def erf(input: Tensor) -> Tensor:
    """Error function."""
    return input.erf()


def exp2(input: Tensor) -> Tensor:
    """2 to the power of the element."""
    return input.exp2()


def expm1(x: Tensor, /) -> Tensor:
    """Exponential minus 1, accurate for small elements."""
    return x.expm1()


def rsqrt(input: Tensor) -> Tensor:
    """1 divided by the square root."""
    return input.rsqrt()


def lerp(input: Tensor, end: Tensor, weight: Operand) -> Tensor:
    """Linear interpolation: `input + weight * (end - input)`."""
    return input.lerp(end, weight)


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """Sum of `input` and `value * tensor1 * tensor2`."""
    return input.addcmul(tensor1, tensor2, value=value)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """Sum of `input` and `value * tensor1 / tensor2`."""
    return input.addcdiv(tensor1, tensor2, value=value)


def nan_to_num(input: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """Floats with NaN and infinities replaced by numbers, the latter by default by the largest and smallest."""
    return input.nan_to_num(nan, posinf, neginf)


def signbit(x: Tensor, /) -> Tensor:
    """Whether each element has a minus sign, also zero; NaN has none."""
    if not x.is_floating_point():
        return x < 0
    x = x.detach()
    return (x < 0) | ((x == 0) & (x.reciprocal() < 0))


def copysign(x1: Tensor, x2: Operand, /) -> Tensor:
    """Size of the first element with the sign of the second."""
    sign = x2 if isinstance(x2, Tensor) else x1.new_full((), x2)
    return where(signbit(x1) == signbit(sign), x1, -x1)


def hypot(x1: Tensor, x2: Operand, /) -> Tensor:
    """Length of the vector of two elements, without overflow."""
    first = x1.abs()
    second = x2.abs() if isinstance(x2, Tensor) else first.new_full((), x2).abs()
    largest = first.maximum(second).detach()
    is_usual = largest.isfinite() & (largest > 0)
    scale = where(is_usual, largest, 1.0)
    length = ((first / scale).square() + (second / scale).square()).sqrt() * scale
    return where(first.isinf() | second.isinf(), math.inf, length)


def logaddexp(x1: Tensor, x2: Operand, /) -> Tensor:
    """Logarithm of the sum of two exponentials."""
    second = x2 if isinstance(x2, Tensor) else x1.new_full((), x2)
    largest = x1.maximum(second)
    distance = (x1 - second).abs()
    # Equal infinities have no distance.
    distance = where(distance.isnan() & ~largest.isnan(), 0.0, distance)
    return largest + (-distance).exp().log1p()


def nextafter(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The next number of the dtype from the first element towards the second; computed by NumPy."""
    found = np.nextafter(x1.numpy(force=True), x2.numpy(force=True))
    return Tensor(found, x1.dtype, x1.device)
