"""Schedulers: what changes the learning rates of an optimizer's groups at each step, as torch.optim.lr_scheduler's."""

from __future__ import annotations

import math
import warnings
from types import FunctionType
from typing import TYPE_CHECKING, Any

from trustformers.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LRScheduler", "LambdaLR", "ReduceLROnPlateau"]


class LRScheduler:
    """The base class of schedulers: `get_lr()` of a subclass gives the learning rates at `last_epoch`.

    Parameters
    ----------
    optimizer
        An optimizer with `param_groups`. Their learning rates become those of the first step.
    last_epoch
        The index of the last step; -1 to begin.
    """

    _get_lr_called_within_step = False
    _is_initial = False

    def __init__(self, optimizer: Any, last_epoch: int = -1) -> None:
        _check_optimizer(optimizer)
        self.optimizer = optimizer
        for index, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param_groups[{index}] has no 'initial_lr', from which a scheduler of last_epoch={last_epoch} "
                    "resumes; load the optimizer's state first"
                )
        self.base_lrs: list[Any] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch: int = last_epoch
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def state_dict(self) -> dict[str, Any]:
        """All attributes but the optimizer."""
        return {key: value for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over the attributes that `state_dict()` gave."""
        vars(self).update(state_dict)

    def get_last_lr(self) -> list[Any]:
        """The current learning rates of the groups."""
        return self._last_lr

    def get_lr(self) -> list[Any]:
        """The learning rates of the groups at `last_epoch`."""
        raise NotImplementedError

    def step(self, epoch: int | None = None) -> None:
        """Sets the learning rates of the next step, or of the step `epoch`; call it after the optimizer's `step()`."""
        if self._step_count == 1 and getattr(self.optimizer, "_opt_called", True) is False:
            warnings.warn(
                "the scheduler's step() was called before the optimizer's step(), which skips the first learning rate "
                "of the schedule; call optimizer.step() first",
                stacklevel=2,
            )
        self._step_count += 1
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._get_lr_called_within_step = True
        try:
            rates = self.get_lr()
        finally:
            self._get_lr_called_within_step = False
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr: list[Any] = [group["lr"] for group in self.optimizer.param_groups]


class LambdaLR(LRScheduler):
    """Multiplies the initial learning rates by a function of the step.

    Parameters
    ----------
    optimizer
        An optimizer.
    lr_lambda
        A function from the index of a step to a factor, or a list of a function for each group.
    last_epoch
        The index of the last step; -1 to begin.
    """

    def __init__(
        self,
        optimizer: Any,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        _check_optimizer(optimizer)
        count = len(optimizer.param_groups)
        self.lr_lambdas: list[Callable[[int], float]] = [lr_lambda] * count if callable(lr_lambda) else list(lr_lambda)
        if len(self.lr_lambdas) != count:
            raise InputError(f"lr_lambda: expected {count} functions, one for each group, found {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """All attributes but the optimizer; of the functions, the attributes of those that are objects of classes."""
        functions = [
            None if isinstance(function, FunctionType) else vars(function).copy() for function in self.lr_lambdas
        ]
        return {**super().state_dict(), "lr_lambdas": functions}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over the attributes that `state_dict()` gave."""
        super().load_state_dict({key: value for key, value in state_dict.items() if key != "lr_lambdas"})
        for function, attributes in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if attributes is not None:
                vars(function).update(attributes)

    def get_lr(self) -> list[Any]:
        """The initial learning rates times the functions at `last_epoch`."""
        if not self._get_lr_called_within_step:
            warnings.warn("get_last_lr() gives the current learning rates", stacklevel=2)
        return [base * function(self.last_epoch) for function, base in zip(self.lr_lambdas, self.base_lrs, strict=True)]


class ReduceLROnPlateau(LRScheduler):
    """Reduces the learning rates when a metric has not improved for several steps.

    Parameters
    ----------
    optimizer
        An optimizer.
    mode
        Whether a metric improves by its decrease, "min", or by its increase, "max".
    factor
        The factor of a reduction.
    patience
        The number of steps without improvement that change nothing.
    threshold
        The least improvement.
    threshold_mode
        Whether the threshold is relative to the best metric, "rel", or absolute, "abs".
    cooldown
        The number of steps after a reduction that count none without improvement.
    min_lr
        The least learning rate, or a list of those of the groups.
    eps
        A reduction by less is none.
    """

    def __init__(  # noqa: PLR0917  # as in torch
        self,
        optimizer: Any,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        _check_optimizer(optimizer)
        if factor >= 1.0:
            raise InputError(f"factor: expected one below 1, found {factor}")
        if mode not in ("min", "max"):
            raise InputError(f"mode: expected 'min' or 'max', found {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise InputError(f"threshold_mode: expected 'rel' or 'abs', found {threshold_mode!r}")
        count = len(optimizer.param_groups)
        self.factor = factor
        self.optimizer = optimizer
        self.default_min_lr: float | None = min_lr if isinstance(min_lr, (int, float)) else None
        self.min_lrs = [min_lr] * count if isinstance(min_lr, (int, float)) else list(min_lr)
        if len(self.min_lrs) != count:
            raise InputError(f"min_lr: expected {count} numbers, one for each group, found {len(self.min_lrs)}")
        self.patience = patience
        self.cooldown = cooldown
        self.eps = eps
        self.last_epoch: int = 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]
        self.mode_worse: float = math.inf if mode == "min" else -math.inf
        self.mode = mode
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.best: float = self.mode_worse
        self.cooldown_counter: int = 0
        self.num_bad_epochs: int = 0

    @property
    def in_cooldown(self) -> bool:
        """Whether the last reduction is so recent that steps without improvement do not count."""
        return self.cooldown_counter > 0

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]  # as torch's
        """Compares a metric with the best one so far, and reduces the learning rates after too many worse ones."""
        current = float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(current):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _is_better(self, metric: float) -> bool:
        margin = self.threshold if self.mode == "max" else -self.threshold
        limit = self.best * (1.0 + margin) if self.threshold_mode == "rel" else self.best + margin
        return metric > limit if self.mode == "max" else metric < limit

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise InputError(f"min_lrs: expected {len(groups)} numbers, one for each group, found {self.min_lrs}")
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, least in zip(groups, self.min_lrs, strict=True):
            old = float(group["lr"])
            new = max(old * self.factor, least)
            if old - new > self.eps:
                group["lr"] = new


def _check_optimizer(optimizer: object) -> None:
    if not isinstance(getattr(optimizer, "param_groups", None), list):
        raise TypeError(f"optimizer: expected an optimizer with param_groups, found {type(optimizer).__name__}")
