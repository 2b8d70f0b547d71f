"""Comparisons with torch's names."""

from __future__ import annotations

from trustformers._native import Tensor
from trustformers.tensor.elementwise import Operand

__all__ = ["allclose", "eq", "ge", "gt", "isclose", "le", "lt", "ne"]


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether all elements are equal within a tolerance: `|input - other| <= atol + rtol * |other|`."""
    return input.allclose(other, rtol, atol, equal_nan)


def isclose(input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether elements are equal within a tolerance: `|input - other| <= atol + rtol * |other|`."""
    return input.isclose(other, rtol, atol, equal_nan)


def eq(input: Tensor, other: Operand) -> Tensor:
    """Whether elements are equal, element by element."""
    return input.eq(other)


def ne(input: Tensor, other: Operand) -> Tensor:
    """Whether elements differ, element by element."""
    return input.ne(other)


def lt(input: Tensor, other: Operand) -> Tensor:
    """Whether elements are less than the other's."""
    return input < other


def le(input: Tensor, other: Operand) -> Tensor:
    """Whether elements are less than or equal to the other's."""
    return input <= other


def gt(input: Tensor, other: Operand) -> Tensor:
    """Whether elements are greater than the other's."""
    return input > other


def ge(input: Tensor, other: Operand) -> Tensor:
    """Whether elements are greater than or equal to the other's."""
    return input >= other
