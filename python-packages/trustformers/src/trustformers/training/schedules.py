"""The schedules of learning rates, by their names and with the formulas of transformers."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from trustformers.errors import InputError, UnsupportedError
from trustformers.training.lr_factors import (
    constant,
    cosine,
    cosine_from_rate,
    cosine_with_restarts,
    inverse_sqrt,
    linear,
    polynomial,
    warmup_stable_decay,
    with_warmup,
)
from trustformers.training.lr_scheduler import LambdaLR, ReduceLROnPlateau
from trustformers.training.strategies import SchedulerType

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustformers.training.lr_scheduler import LRScheduler

__all__ = [
    "TYPE_TO_SCHEDULER_FUNCTION",
    "get_constant_schedule",
    "get_constant_schedule_with_warmup",
    "get_cosine_schedule_with_warmup",
    "get_cosine_with_hard_restarts_schedule_with_warmup",
    "get_cosine_with_min_lr_schedule_with_warmup",
    "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
    "get_inverse_sqrt_schedule",
    "get_linear_schedule_with_warmup",
    "get_polynomial_decay_schedule_with_warmup",
    "get_reduce_on_plateau_schedule",
    "get_scheduler",
    "get_wsd_schedule",
]

_CURVES = ("linear", "cosine", "1-sqrt")


def get_constant_schedule(optimizer: Any, last_epoch: int = -1) -> LambdaLR:
    """A schedule that keeps the learning rate."""
    return LambdaLR(optimizer, constant, last_epoch)


def get_constant_schedule_with_warmup(optimizer: Any, num_warmup_steps: int, last_epoch: int = -1) -> LambdaLR:
    """A schedule of a learning rate that grows linearly from zero during warmup and stays."""
    return _with_warmup(optimizer, num_warmup_steps, constant, last_epoch)


def get_linear_schedule_with_warmup(
    optimizer: Any, num_warmup_steps: int, num_training_steps: int, last_epoch: int = -1
) -> LambdaLR:
    """A schedule of a learning rate that falls linearly to zero after warmup."""
    factor = partial(linear, warmup=num_warmup_steps, total=num_training_steps)
    return _with_warmup(optimizer, num_warmup_steps, factor, last_epoch)


def get_cosine_schedule_with_warmup(
    optimizer: Any, num_warmup_steps: int, num_training_steps: int, num_cycles: float = 0.5, last_epoch: int = -1
) -> LambdaLR:
    """A schedule of a learning rate that follows a cosine to zero after warmup; 0.5 cycles are one fall."""
    factor = partial(cosine, warmup=num_warmup_steps, total=num_training_steps, num_cycles=num_cycles)
    return _with_warmup(optimizer, num_warmup_steps, factor, last_epoch)


def get_cosine_with_hard_restarts_schedule_with_warmup(
    optimizer: Any, num_warmup_steps: int, num_training_steps: int, num_cycles: int = 1, last_epoch: int = -1
) -> LambdaLR:
    """A schedule of a learning rate that falls along a cosine after warmup, `num_cycles` times from its start."""
    factor = partial(cosine_with_restarts, warmup=num_warmup_steps, total=num_training_steps, num_cycles=num_cycles)
    return _with_warmup(optimizer, num_warmup_steps, factor, last_epoch)


def get_polynomial_decay_schedule_with_warmup(  # noqa: PLR0917  # as in transformers
    optimizer: Any,
    num_warmup_steps: int,
    num_training_steps: int,
    lr_end: float = 1e-7,
    power: float = 1.0,
    last_epoch: int = -1,
) -> LambdaLR:
    """A schedule of a learning rate that falls to `lr_end` after warmup, with a power of the steps that remain.

    Raises
    ------
    InputError
        `lr_end` is not below the learning rate of the optimizer.
    """
    lr_init = optimizer.defaults["lr"]
    if not lr_init > lr_end:
        raise InputError(f"lr_end: expected one below the learning rate {lr_init}, found {lr_end}")
    ends = {"lr_init": lr_init, "lr_end": lr_end}
    factor = partial(polynomial, warmup=num_warmup_steps, total=num_training_steps, power=power, **ends)
    return _with_warmup(optimizer, num_warmup_steps, factor, last_epoch)


def get_inverse_sqrt_schedule(
    optimizer: Any, num_warmup_steps: int, timescale: int | None = None, last_epoch: int = -1
) -> LambdaLR:
    """A schedule of a learning rate that falls with the square root of the steps after warmup.

    Parameters
    ----------
    optimizer
        The optimizer.
    num_warmup_steps
        The number of steps of the warmup.
    timescale
        The step, counted from a start before the warmup's end, of the full learning rate; by default the number of
        warmup steps, or 10,000 without warmup.
    last_epoch
        The index of the last step; -1 to begin.
    """
    if timescale is None:
        timescale = num_warmup_steps or 10_000
    factor = partial(inverse_sqrt, timescale=timescale, shift=timescale - num_warmup_steps)
    return _with_warmup(optimizer, num_warmup_steps, factor, last_epoch)


def get_reduce_on_plateau_schedule(optimizer: Any, **kwargs: Any) -> ReduceLROnPlateau:
    """A schedule that reduces the learning rate when a metric stops improving; the arguments of `ReduceLROnPlateau`."""
    return ReduceLROnPlateau(optimizer, **kwargs)


def get_cosine_with_min_lr_schedule_with_warmup(  # noqa: PLR0917  # as in transformers
    optimizer: Any,
    num_warmup_steps: int,
    num_training_steps: int,
    num_cycles: float = 0.5,
    last_epoch: int = -1,
    min_lr: float | None = None,
    min_lr_rate: float | None = None,
) -> LambdaLR:
    """A schedule of a learning rate that follows a cosine to `min_lr`, or its part `min_lr_rate`, after warmup.

    Raises
    ------
    InputError
        Both or none of `min_lr` and `min_lr_rate` are given.
    """
    rate = _least_rate(optimizer, min_lr, min_lr_rate)
    factor = partial(cosine, warmup=num_warmup_steps, total=num_training_steps, num_cycles=num_cycles, least=rate)
    return _with_warmup(optimizer, num_warmup_steps, factor, last_epoch)


def get_cosine_with_min_lr_schedule_with_warmup_lr_rate(  # noqa: PLR0917  # as in transformers
    optimizer: Any,
    num_warmup_steps: int,
    num_training_steps: int,
    num_cycles: float = 0.5,
    last_epoch: int = -1,
    min_lr: float | None = None,
    min_lr_rate: float | None = None,
    warmup_lr_rate: float | None = None,
) -> LambdaLR:
    """A schedule as of `get_cosine_with_min_lr_schedule_with_warmup`, whose first learning rate is not zero.

    Parameters
    ----------
    optimizer
        The optimizer.
    num_warmup_steps, num_training_steps
        The numbers of steps of the warmup and altogether.
    num_cycles
        The number of waves of the cosine; 0.5 are one fall.
    last_epoch
        The index of the last step; -1 to begin.
    min_lr, min_lr_rate
        The last learning rate, or its part of the optimizer's.
    warmup_lr_rate
        The first learning rate's part of the optimizer's; by default one divided by the number of warmup steps.

    Raises
    ------
    InputError
        Both or none of `min_lr` and `min_lr_rate` are given.
    """
    rate = _least_rate(optimizer, min_lr, min_lr_rate)
    factor = partial(
        cosine_from_rate,
        warmup=float(num_warmup_steps),
        total=float(num_training_steps),
        num_cycles=num_cycles,
        least=rate,
        first=warmup_lr_rate,
    )
    return LambdaLR(optimizer, factor, last_epoch)


def get_wsd_schedule(  # noqa: PLR0917  # as in transformers
    optimizer: Any,
    num_warmup_steps: int,
    num_decay_steps: int,
    num_training_steps: int | None = None,
    num_stable_steps: int | None = None,
    warmup_type: str = "linear",
    decay_type: str = "cosine",
    min_lr_ratio: float = 0,
    num_cycles: float = 0.5,
    last_epoch: int = -1,
) -> LambdaLR:
    """A schedule of warmup, a stable learning rate, and decay.

    Parameters
    ----------
    optimizer
        The optimizer.
    num_warmup_steps, num_decay_steps
        The numbers of steps of the warmup and of the decay.
    num_training_steps
        The number of steps altogether, from which that of stable steps follows.
    num_stable_steps
        The number of steps with the optimizer's learning rate.
    warmup_type, decay_type
        The curves: "linear", "cosine" or "1-sqrt".
    min_lr_ratio
        The part of the learning rate from which the warmup begins and to which the decay falls.
    num_cycles
        The number of waves of a decay along a cosine.
    last_epoch
        The index of the last step; -1 to begin.

    Raises
    ------
    InputError
        There is no number of stable steps, or no such curve.
    """
    for name, curve in (("warmup_type", warmup_type), ("decay_type", decay_type)):
        if curve not in _CURVES:
            raise InputError(f"{name}: expected one of {', '.join(_CURVES)}, found {curve!r}")
    if num_stable_steps is None:
        if num_training_steps is None:
            raise InputError("num_stable_steps: is needed without num_training_steps")
        num_stable_steps = num_training_steps - num_warmup_steps - num_decay_steps
    elif num_training_steps is not None:
        warnings.warn("num_training_steps is ignored, since num_stable_steps is given", stacklevel=2)
    factor = partial(
        warmup_stable_decay,
        warmup=num_warmup_steps,
        stable=num_stable_steps,
        decay=num_decay_steps,
        warmup_type=warmup_type,
        decay_type=decay_type,
        least=min_lr_ratio,
        num_cycles=num_cycles,
    )
    return LambdaLR(optimizer, factor, last_epoch)


def _greedy(optimizer: Any, **_kwargs: Any) -> LambdaLR:
    raise UnsupportedError(
        "not supported: the schedule 'greedy'; 'reduce_lr_on_plateau' lowers the learning rate by a metric too"
    )


TYPE_TO_SCHEDULER_FUNCTION: dict[SchedulerType, Callable[..., LRScheduler]] = {
    SchedulerType.LINEAR: get_linear_schedule_with_warmup,
    SchedulerType.COSINE: get_cosine_schedule_with_warmup,
    SchedulerType.COSINE_WITH_RESTARTS: get_cosine_with_hard_restarts_schedule_with_warmup,
    SchedulerType.POLYNOMIAL: get_polynomial_decay_schedule_with_warmup,
    SchedulerType.CONSTANT: get_constant_schedule,
    SchedulerType.CONSTANT_WITH_WARMUP: get_constant_schedule_with_warmup,
    SchedulerType.INVERSE_SQRT: get_inverse_sqrt_schedule,
    SchedulerType.REDUCE_ON_PLATEAU: get_reduce_on_plateau_schedule,
    SchedulerType.COSINE_WITH_MIN_LR: get_cosine_with_min_lr_schedule_with_warmup,
    SchedulerType.COSINE_WARMUP_WITH_MIN_LR: get_cosine_with_min_lr_schedule_with_warmup_lr_rate,
    SchedulerType.WARMUP_STABLE_DECAY: get_wsd_schedule,
    SchedulerType.GREEDY: _greedy,
}
_WITHOUT_STEPS = (SchedulerType.REDUCE_ON_PLATEAU, SchedulerType.GREEDY)
_WITHOUT_END = (SchedulerType.CONSTANT_WITH_WARMUP, SchedulerType.INVERSE_SQRT)


def get_scheduler(
    name: str | SchedulerType,
    optimizer: Any,
    num_warmup_steps: int | None = None,
    num_training_steps: int | None = None,
    scheduler_specific_kwargs: dict[str, Any] | None = None,
) -> Any:
    """A schedule by its name.

    Parameters
    ----------
    name
        A `SchedulerType` or its value.
    optimizer
        The optimizer, whose learning rates the schedule changes.
    num_warmup_steps, num_training_steps
        The numbers of steps of the warmup and altogether, which not all schedules need.
    scheduler_specific_kwargs
        More arguments of the schedule's function.

    Raises
    ------
    InputError
        A number of steps that the schedule needs is not given.
    UnsupportedError
        The schedule is "greedy".

    Examples
    --------
    >>> scheduler = get_scheduler("linear", optimizer, num_warmup_steps=10, num_training_steps=100)
    """
    kind = SchedulerType(name)
    function = TYPE_TO_SCHEDULER_FUNCTION[kind]
    options = scheduler_specific_kwargs or {}
    if kind == SchedulerType.CONSTANT:
        return function(optimizer)
    if kind in _WITHOUT_STEPS:
        return function(optimizer, **options)
    if num_warmup_steps is None:
        raise InputError(f"num_warmup_steps: the schedule {kind.value!r} needs it")
    if kind == SchedulerType.CONSTANT_WITH_WARMUP:
        options = {}
    if kind in _WITHOUT_END:
        return function(optimizer, num_warmup_steps=num_warmup_steps, **options)
    if num_training_steps is None and kind != SchedulerType.WARMUP_STABLE_DECAY:
        raise InputError(f"num_training_steps: the schedule {kind.value!r} needs it")
    steps = {"num_warmup_steps": num_warmup_steps, "num_training_steps": num_training_steps}
    return function(optimizer, **steps, **options)


def _with_warmup(optimizer: Any, warmup: int, factor: Callable[[int], float], last_epoch: int) -> LambdaLR:
    return LambdaLR(optimizer, partial(with_warmup, warmup=warmup, factor=factor), last_epoch)


def _least_rate(optimizer: Any, min_lr: float | None, min_lr_rate: float | None) -> float:
    if (min_lr is None) == (min_lr_rate is None):
        raise InputError("min_lr: give either min_lr or min_lr_rate")
    return min_lr_rate if min_lr is None else min_lr / optimizer.defaults["lr"]  # type: ignore[return-value]
