"""Adafactor, and the learning rates that it computes itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers._native import zeros, zeros_like
from trustformers.errors import InputError
from trustformers.training.fused import divided
from trustformers.training.lr_scheduler import LambdaLR
from trustformers.training.optimizer_base import Optimizer

if TYPE_CHECKING:
    from trustformers._native import Tensor
    from trustformers.training.optimizer_base import Params

__all__ = ["Adafactor", "AdafactorSchedule", "get_adafactor_schedule"]


class Adafactor(Optimizer):
    """Adafactor (arXiv 1804.04235): of the squares of a matrix's gradients it keeps means of rows and columns alone.

    Parameters
    ----------
    params
        Parameters, or groups of them.
    lr
        The learning rate; None with `relative_step`, which computes one.
    eps
        Added to the squares of gradients; and the least scale of a parameter.
    clip_threshold
        The largest root mean square of an update without learning rate.
    decay_rate
        The exponent of the step in the coefficient of the moving averages of squares.
    beta1
        The coefficient of the moving average of updates; without it they are not averaged.
    weight_decay
        Parameters are multiplied by one minus its product with the learning rate.
    scale_parameter
        Whether to multiply the learning rate by the root mean square of the parameter.
    relative_step
        Whether to compute the learning rate from the step.
    warmup_init
        Whether the computed learning rate grows from 1e-6.
    """

    def __init__(  # noqa: PLR0917  # as in transformers
        self,
        params: Params,
        lr: float | None = None,
        eps: tuple[float, float] = (1e-30, 1e-3),
        clip_threshold: float = 1.0,
        decay_rate: float = -0.8,
        beta1: float | None = None,
        weight_decay: float = 0.0,
        scale_parameter: bool = True,
        relative_step: bool = True,
        warmup_init: bool = False,
    ) -> None:
        if lr is not None and relative_step:
            raise InputError("lr: relative_step computes the learning rate; set relative_step=False or leave lr out")
        if warmup_init and not relative_step:
            raise InputError("warmup_init: needs relative_step=True")
        defaults = {"lr": lr, "eps": eps, "clip_threshold": clip_threshold, "decay_rate": decay_rate, "beta1": beta1}
        defaults |= {"weight_decay": weight_decay, "scale_parameter": scale_parameter}
        super().__init__(params, {**defaults, "relative_step": relative_step, "warmup_init": warmup_init})

    @staticmethod
    def _get_lr(param_group: dict[str, Any], param_state: dict[str, Any]) -> float:
        scale = max(param_group["eps"][1], param_state["RMS"]) if param_group["scale_parameter"] else 1.0
        return float(scale * _rate(param_group, param_state["step"]))

    def _update(self, group: dict[str, Any], parameters: list[Tensor]) -> None:
        for parameter in parameters:
            assert parameter.grad is not None
            state = self.state[parameter]
            if not state:
                state |= _first_state(parameter.grad.float(), group)
            state["step"] += 1
        fused, others = divided(parameters)
        of_matrices = [parameter for parameter in fused if "exp_avg_sq_row" in self.state[parameter]]
        of_vectors = [parameter for parameter in fused if "exp_avg_sq" in self.state[parameter]]
        for some, names in ((of_matrices, ("exp_avg_sq_row", "exp_avg_sq_col")), (of_vectors, ("exp_avg_sq",))):
            if some and not self._fused(group, some, names):
                others += some
        for parameter in others:
            assert parameter.grad is not None
            self._change(parameter, parameter.grad.float(), self.state[parameter], group)

    def _fused(self, group: dict[str, Any], parameters: list[Tensor], names: tuple[str, ...]) -> bool:
        """A step of parameters on the cpu, whose mean squares have these names; whether it was possible."""
        states = [self.state[parameter] for parameter in parameters]
        beta1, eps = group["beta1"], group["eps"]
        averages = None if beta1 is None else [state["exp_avg"] for state in states]
        rates = [(_rate(group, state["step"]), 1.0 - math.pow(state["step"], group["decay_rate"])) for state in states]
        least = eps[1] if group["scale_parameter"] else None
        options = (eps[0], group["clip_threshold"], beta1, group["weight_decay"], least)
        squares = [[state[name] for state in states] for name in names]
        found = _native._adafactor(parameters, squares, averages, rates, options)
        for state, rms in zip(states, found or (), strict=False):
            state["RMS"] = rms
        return found is not None

    def _change(self, parameter: Tensor, gradient: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        elements = parameter.float()
        state["RMS"] = _rms(elements)
        lr = self._get_lr(group, state)
        coefficient = 1.0 - math.pow(state["step"], group["decay_rate"])
        squares = gradient.square().add_(group["eps"][0])
        if "exp_avg_sq" in state:
            state["exp_avg_sq"].mul_(coefficient).add_(squares, alpha=1.0 - coefficient)
            update = state["exp_avg_sq"].rsqrt().mul_(gradient)
        else:
            rows, columns = state["exp_avg_sq_row"], state["exp_avg_sq_col"]
            rows.mul_(coefficient).add_(squares.mean(dim=-1), alpha=1.0 - coefficient)
            columns.mul_(coefficient).add_(squares.mean(dim=-2), alpha=1.0 - coefficient)
            row_factor = (rows / rows.mean(dim=-1, keepdim=True)).rsqrt().unsqueeze(-1)
            update = (row_factor * columns.rsqrt().unsqueeze(-2)).mul_(gradient)
        update.div_(max(1.0, _rms(update) / group["clip_threshold"])).mul_(lr)
        if (beta1 := group["beta1"]) is not None:
            update = state["exp_avg"].mul_(beta1).add_(update, alpha=1 - beta1)
        if group["weight_decay"]:
            elements = elements.mul(1 - group["weight_decay"] * lr)
        parameter.copy_(elements - update)

    def _loaded(self, parameter: Tensor, key: str, value: Any) -> Any:
        # The moving averages of narrow floats are of float32.
        return value.to(device=parameter.device, copy=True) if hasattr(value, "to") else value


class AdafactorSchedule(LambdaLR):
    """Shows the learning rates that Adafactor computes as a schedule does.

    Parameters
    ----------
    optimizer
        The Adafactor.
    initial_lr
        The learning rate before the first step.
    """

    optimizer: Adafactor

    def __init__(self, optimizer: Adafactor, initial_lr: float = 0.0) -> None:
        for group in optimizer.param_groups:
            group["initial_lr"] = initial_lr
        super().__init__(optimizer, lambda _: initial_lr)
        for group in optimizer.param_groups:
            del group["initial_lr"]

    def get_lr(self) -> list[float]:
        """The learning rates of the first parameters of the groups that have gradients."""
        optimizer = self.optimizer
        firsts = [(group, group["params"][0]) for group in optimizer.param_groups]
        rates = [optimizer._get_lr(group, optimizer.state[one]) for group, one in firsts if one.grad is not None]
        return rates or self.base_lrs


def get_adafactor_schedule(optimizer: Adafactor, initial_lr: float = 0.0) -> AdafactorSchedule:
    """The learning rates that Adafactor computes, as a schedule; `initial_lr` before the first step."""
    return AdafactorSchedule(optimizer, initial_lr)


def _rate(group: dict[str, Any], step: int) -> float:
    """The learning rate of a step, without the scale of the parameter."""
    if not group["relative_step"]:
        return float(group["lr"])
    return min(1e-6 * step if group["warmup_init"] else 1e-2, 1.0 / math.sqrt(step))


def _rms(tensor: Tensor) -> float:
    norm: float = float(tensor.norm(2)) / tensor.numel() ** 0.5
    return norm


def _first_state(gradient: Tensor, group: dict[str, Any]) -> dict[str, Any]:
    state: dict[str, Any] = {"step": 0}
    shape = list(gradient.shape)
    if group["beta1"] is not None:
        state["exp_avg"] = zeros_like(gradient)
    if len(shape) >= 2:
        state["exp_avg_sq_row"] = zeros(shape[:-1], dtype=gradient.dtype, device=gradient.device)
        state["exp_avg_sq_col"] = zeros(shape[:-2] + shape[-1:], dtype=gradient.dtype, device=gradient.device)
    else:
        state["exp_avg_sq"] = zeros_like(gradient)
    return {**state, "RMS": 0.0}
