"""Factors of learning rates by the index of the step, with the formulas of transformers.

`warmup` and `total` are the numbers of steps of the warmup and altogether, `least` is the last factor.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "constant",
    "cosine",
    "cosine_from_rate",
    "cosine_with_restarts",
    "inverse_sqrt",
    "linear",
    "polynomial",
    "warmup_stable_decay",
    "with_warmup",
]


def with_warmup(step: int, *, warmup: int, factor: Callable[[int], float]) -> float:
    """A line from zero during the warmup, then `factor`."""
    return step / max(1, warmup) if step < warmup else factor(step)


def constant(_step: int) -> float:
    """One at all steps."""
    return 1


def _progress(step: int, warmup: int, total: int) -> float:
    return (step - warmup) / max(1, total - warmup)


def linear(step: int, *, warmup: int, total: int) -> float:
    """A line to zero."""
    return max(0.0, (total - step) / max(1, total - warmup))


def cosine(step: int, *, warmup: int, total: int, num_cycles: float, least: float = 0.0) -> float:
    """A cosine to `least`; 0.5 cycles are one fall."""
    factor = 0.5 * (1.0 + math.cos(math.pi * num_cycles * 2.0 * _progress(step, warmup, total)))
    return max(0, factor * (1 - least) + least)


def cosine_with_restarts(step: int, *, warmup: int, total: int, num_cycles: int) -> float:
    """Several falls of a cosine to zero."""
    progress = _progress(step, warmup, total)
    return 0.0 if progress >= 1.0 else max(0.0, 0.5 * (1.0 + math.cos(math.pi * ((num_cycles * progress) % 1.0))))


def polynomial(step: int, *, warmup: int, total: int, power: float, lr_init: float, lr_end: float) -> float:
    """A power of the part of the steps that remains, to `lr_end` divided by `lr_init`."""
    if step > total:
        return lr_end / lr_init
    remaining: float = (1 - (step - warmup) / (total - warmup)) ** power
    return ((lr_init - lr_end) * remaining + lr_end) / lr_init


def inverse_sqrt(step: int, *, timescale: int, shift: int) -> float:
    """The inverse square root of the steps."""
    return 1.0 / math.sqrt((step + shift) / timescale)


def cosine_from_rate(
    step: int, *, warmup: float, total: float, num_cycles: float, least: float, first: float | None
) -> float:
    """A cosine to `least` with a warmup from `first`, each one step ahead of `cosine`."""
    if step < warmup:
        return (step + 1.0) / max(1.0, warmup) if first is None else first + (1.0 - first) * step / max(1, warmup - 1)
    progress = (step - warmup + 1.0) / max(1.0, total - warmup)
    factor = 0.5 * (1.0 + math.cos(math.pi * num_cycles * 2.0 * progress))
    return max(0, factor * (1 - least) + least)


def warmup_stable_decay(
    step: int,
    *,
    warmup: int,
    stable: int,
    decay: int,
    warmup_type: str,
    decay_type: str,
    least: float,
    num_cycles: float,
) -> float:
    """A warmup, ones, and a decay to `least`."""
    if step < warmup:
        progress = step / max(1, warmup)
        factors = {
            "linear": progress,
            "cosine": 0.5 * (1.0 - math.cos(math.pi * progress)),
            "1-sqrt": 1.0 - math.sqrt(1.0 - progress),
        }
        factor = factors[warmup_type]
    elif step < warmup + stable:
        return 1.0
    elif step < warmup + stable + decay:
        progress = (step - warmup - stable) / max(1, decay)
        factors = {
            "linear": 1.0 - progress,
            "cosine": 0.5 * (1.0 + math.cos(math.pi * num_cycles * 2.0 * progress)),
            "1-sqrt": 1.0 - math.sqrt(progress),
        }
        factor = factors[decay_type]
    else:
        return least
    return max(0.0, factor * (1.0 - least) + least)
