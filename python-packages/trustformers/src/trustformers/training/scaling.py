"""Scaling of losses, so that gradients of float16 do not vanish."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers._native import Tensor
from trustformers.errors import InputError
from trustformers.tensor.autograd import no_grad
from trustformers.tensor.dtypes import float16, float32
from trustformers.training.fused import divided

if TYPE_CHECKING:
    from trustformers.training.optimizer_base import Optimizer

__all__ = ["GradScaler"]

_UNSCALED, _STEPPED = "unscaled", "stepped"


class GradScaler:
    """Scales losses and divides the gradients again, as `torch.amp.GradScaler` does.

    A step whose gradients are not finite is skipped and lowers the scale; many steps without one raise it.

    Parameters
    ----------
    device
        Accepted for torch's sake: losses and gradients are scaled where they are.
    init_scale
        The first scale.
    growth_factor, backoff_factor
        The factors of the scale after `growth_interval` steps, and after a skipped step.
    growth_interval
        The number of consecutive steps that were not skipped after which the scale grows.
    enabled
        Whether to scale at all.

    Attributes
    ----------
    num_skipped_steps
        The number of steps that were skipped.

    Examples
    --------
    >>> scaler.scale(loss).backward()
    >>> scaler.unscale_(optimizer)
    >>> clip_grad_norm_(model.parameters(), 1.0)
    >>> scaler.step(optimizer)
    >>> scaler.update()
    """

    def __init__(  # noqa: PLR0917  # as in torch
        self,
        device: str = "cpu",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        if isinstance(device, (int, float)):
            raise InputError(f"device: expected a device, found {device}; init_scale is the second argument")
        if growth_factor <= 1.0:
            raise InputError(f"growth_factor: expected one above 1, found {growth_factor}")
        if backoff_factor >= 1.0:
            raise InputError(f"backoff_factor: expected one below 1, found {backoff_factor}")
        self._enabled = enabled
        self._scale = float(init_scale)
        self._growth_factor = growth_factor
        self._backoff_factor = backoff_factor
        self._growth_interval = growth_interval
        self._growth_tracker = 0
        # Of each optimizer since the last update(): whether it was unscaled or stepped, and its gradients were finite.
        self._stages: dict[int, str] = {}
        self._finite: dict[int, bool] = {}
        self.num_skipped_steps: int = 0

    def scale(self, outputs: Any) -> Any:
        """A loss, or each of several, times the scale."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, Tensor):
            return outputs * Tensor(self._scale, dtype=float32, device=outputs.device)
        if isinstance(outputs, (list, tuple)):
            return type(outputs)(map(self.scale, outputs))
        if isinstance(outputs, Iterable):
            return map(self.scale, outputs)
        raise InputError(f"outputs: expected a tensor or several, found {type(outputs).__name__}")

    def unscale_(self, optimizer: Optimizer) -> None:
        """Divides the gradients of an optimizer's parameters by the scale, such as for clipping them; once a step.

        Raises
        ------
        InputError
            The gradients were divided already, or are of float16.
        """
        if not self._enabled:
            return
        if (stage := self._stages.get(id(optimizer))) is not None:
            raise InputError(f"unscale_(): the optimizer was {stage} already since the last update()")
        # The reciprocal of a scale is rounded to float32 once, as torch's.
        self._finite[id(optimizer)] = _unscale(_parameters(optimizer), _rounded(1.0 / self._scale))
        self._stages[id(optimizer)] = _UNSCALED

    def step(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
        """Calls the optimizer's `step()` if its gradients are finite; divides them by the scale before if needed.

        Raises
        ------
        InputError
            The optimizer was stepped already since the last `update()`, or has a closure, or has no gradients.
        """
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise InputError("closure: is not possible with a GradScaler")
        stage = self._stages.get(id(optimizer))
        if stage == _STEPPED:
            raise InputError("step(): was called already since the last update()")
        if stage is None:
            self.unscale_(optimizer)
        if not _parameters(optimizer):
            raise InputError("step(): no parameter of the optimizer has a gradient")
        self._stages[id(optimizer)] = _STEPPED
        if self._finite[id(optimizer)]:
            return optimizer.step(*args, **kwargs)
        self.num_skipped_steps += 1
        return None

    def update(self, new_scale: float | Tensor | None = None) -> None:
        """Changes the scale after all optimizers' steps: lowers it after a skipped one, raises it after many others.

        Parameters
        ----------
        new_scale
            The scale, in place of what follows from the steps.

        Raises
        ------
        InputError
            No gradients were checked since the last `update()`.
        """
        if not self._enabled:
            return
        if new_scale is not None:
            self._scale = float(new_scale)
        elif not self._finite:
            raise InputError("update(): no optimizer was unscaled or stepped since the last one")
        elif not all(self._finite.values()):
            self._scale = _rounded(self._scale * self._backoff_factor)
            self._growth_tracker = 0
        else:
            self._growth_tracker += 1
            if self._growth_tracker == self._growth_interval:
                grown = _rounded(self._scale * self._growth_factor)
                self._scale = grown if math.isfinite(grown) else self._scale
                self._growth_tracker = 0
        self._stages, self._finite = {}, {}

    def is_enabled(self) -> bool:
        """Whether losses are scaled."""
        return self._enabled

    def get_scale(self) -> float:
        """The scale; one if losses are not scaled."""
        return self._scale if self._enabled else 1.0

    def get_growth_factor(self) -> float:
        """The factor by which the scale grows."""
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Sets the factor by which the scale grows."""
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """The factor of the scale after a skipped step."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Sets the factor of the scale after a skipped step."""
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """The number of steps after which the scale grows."""
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Sets the number of steps after which the scale grows."""
        self._growth_interval = new_interval

    def state_dict(self) -> dict[str, Any]:
        """The scale, its factors and its count of steps; empty if losses are not scaled."""
        if not self._enabled:
            return {}
        return {
            "scale": self._scale,
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._growth_tracker,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what `state_dict()` gave.

        Raises
        ------
        InputError
            It is the empty state of a scaler that was not enabled.
        """
        if not self._enabled:
            return
        if not state_dict:
            raise InputError("state_dict: is empty; it is of a GradScaler that was not enabled")
        self._scale = float(state_dict["scale"])
        self._growth_factor = state_dict["growth_factor"]
        self._backoff_factor = state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
        self._growth_tracker = state_dict["_growth_tracker"]


def _parameters(optimizer: Optimizer) -> list[Tensor]:
    """The parameters of an optimizer that have gradients."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return [parameter for parameter in parameters if parameter.grad is not None]


@no_grad()
def _unscale(parameters: list[Tensor], factor: float) -> bool:
    """Multiplies gradients by a factor; whether they are finite."""
    if any(parameter.dtype == float16 for parameter in parameters):
        raise InputError("unscale_(): the gradients are of float16; scaling needs parameters of float32")
    fused, others = divided(parameters)
    are_finite = bool(_native._scale_gradients(fused, factor, True))
    for parameter in others:
        assert parameter.grad is not None
        are_finite &= bool(parameter.grad.isfinite().all())
        parameter.grad.mul_(factor)
    return are_finite


def _rounded(value: float) -> float:
    return ctypes.c_float(value).value
