"""Activation functions, with torch's names and arguments."""

from __future__ import annotations

from typing import Any

from trustformers._native import Tensor
from trustformers.tensor.namespace import where

__all__ = [
    "elu",
    "gelu",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "mish",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
]


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """`max(x, 0)`."""
    return input.relu_() if inplace else input.relu()


def sigmoid(input: Tensor) -> Tensor:
    """`1 / (1 + exp(-x))`."""
    return input.sigmoid()


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """`x * sigmoid(x)`."""
    return input.copy_(input.silu()) if inplace else input.silu()


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """GELU with the error function, or with the approximation "tanh"."""
    return input.gelu(approximate)


def softmax(input: Tensor, dim: int | None = None, dtype: Any = None, *, axis: int | None = None) -> Tensor:
    """Softmax along a dimension, by default the last."""
    return input.softmax(dim, dtype, axis=axis)


def log_softmax(input: Tensor, dim: int | None = None, dtype: Any = None, *, axis: int | None = None) -> Tensor:
    """Logarithm of the softmax along a dimension, by default the last."""
    return input.log_softmax(dim, dtype, axis=axis)


def leaky_relu(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """The element, or `negative_slope * x` if it is negative."""
    return where(input > 0, input, input * negative_slope)


def elu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """The element, or `alpha * (exp(x) - 1)` if it is negative."""
    return where(input > 0, input, input.clamp(max=0.0).expm1() * alpha)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """`log(1 + exp(beta * x)) / beta`, the element itself where `beta * x` is above `threshold`."""
    scaled = input * beta
    # The branch that is not chosen must stay finite, or its gradient would be NaN.
    return where(scaled > threshold, input, scaled.clamp(max=threshold).exp().log1p() / beta)


def logsigmoid(input: Tensor) -> Tensor:
    """Logarithm of the sigmoid."""
    return input.clamp(max=0.0) - (-input.abs()).exp().log1p()


def mish(input: Tensor) -> Tensor:
    """`x * tanh(log(1 + exp(x)))`."""
    return input * softplus(input).tanh()
