"""Random tensors."""

from __future__ import annotations

from trustformers._native import Tensor, rand, rand_like, randint, randn, randn_like, randperm
from trustformers.runtime.seed import set_seed

__all__ = [
    "bernoulli",
    "manual_seed",
    "multinomial",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
]


def manual_seed(seed: int) -> None:
    """Seeds the random number generators of Python, NumPy and the engine, as `trustformers.set_seed`."""
    set_seed(seed)


def multinomial(input: Tensor, num_samples: int, replacement: bool = False) -> Tensor:
    """Random indices, whose probabilities are proportional to the elements of a vector, or of each row."""
    return input.multinomial(num_samples, replacement)


def bernoulli(input: Tensor) -> Tensor:
    """Ones with the probability of each element, and zeros."""
    return (rand_like(input) < input.detach()).to(input.dtype)
