"""Optimizers with the formulas and defaults of torch: Adam, AdamW and SGD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers._native import Tensor, empty_like, zeros_like
from trustformers.errors import InputError
from trustformers.tensor.dtypes import float32
from trustformers.tensor.elementwise import maximum
from trustformers.training.fused import divided
from trustformers.training.optimizer_base import Optimizer, check_number, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustformers.training.optimizer_base import Params

__all__ = ["SGD", "Adam", "AdamW"]


class Adam(Optimizer):
    """Adam (arXiv 1412.6980) with the formulas of `torch.optim.Adam`.

    Parameters
    ----------
    params
        Parameters, or groups of them.
    lr
        The learning rate.
    betas
        Coefficients of the moving averages of gradients and of their squares.
    eps
        Added to the denominator.
    weight_decay
        Its product with the parameters is added to their gradients; AdamW subtracts its product with the learning rate
        from the parameters instead.
    amsgrad
        Whether to divide by the largest moving average of squares so far (arXiv 1904.09237).
    maximize
        Whether to maximize what the gradients are of.
    foreach, fused
        Accepted; all results are those of one fused implementation.
    capturable, differentiable
        Not supported.
    """

    _decoupled = False

    def __init__(  # noqa: PLR0917  # as in torch
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_number("lr", lr)
        check_number("eps", eps)
        check_number("betas[0]", betas[0], below=1)
        check_number("betas[1]", betas[1], below=1)
        check_number("weight_decay", weight_decay)
        options = {"foreach": foreach, "capturable": capturable, "differentiable": differentiable, "fused": fused}
        refuse(options)
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad}
        decoupled = decoupled_weight_decay or self._decoupled
        super().__init__(params, {**defaults, "maximize": maximize, **options, "decoupled_weight_decay": decoupled})

    def _update(self, group: dict[str, Any], parameters: list[Tensor]) -> None:
        self._advanced(group, parameters)
        fused, others = divided(parameters)
        if fused and not self._fused(group, fused):
            others += fused
        for parameter in others:
            self._single(parameter, self.state[parameter], group)

    def _advanced(self, group: dict[str, Any], parameters: list[Tensor]) -> list[dict[str, Any]]:
        """The states of parameters, in which the next step is counted."""
        for parameter in parameters:
            state = self.state[parameter]
            if not state:
                state |= {"step": Tensor(0.0, dtype=float32), **self._averages(parameter, group)}
            state["step"].add_(1)
        return [self.state[parameter] for parameter in parameters]

    def _averages(self, parameter: Tensor, group: dict[str, Any]) -> dict[str, Tensor]:
        """The moving averages of a parameter before the first step."""
        names = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[: 3 if group["amsgrad"] else 2]
        return {name: zeros_like(parameter) for name in names}

    def _fused(self, group: dict[str, Any], parameters: list[Tensor]) -> bool:
        """A step of parameters on the cpu; whether it was possible."""
        states = [self.state[parameter] for parameter in parameters]
        averages, squares = ([state[key] for state in states] for key in ("exp_avg", "exp_avg_sq"))
        largest = [state["max_exp_avg_sq"] for state in states] if group["amsgrad"] else None
        steps = [float(state["step"]) for state in states]
        return _native._adam(parameters, (averages, squares), largest, steps, adam_options(group))

    def _single(self, parameter: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        """A step of a parameter by operations of tensors."""
        _in_float32(_adam, parameter, state, group)


class AdamW(Adam):
    """Adam with decoupled weight decay (arXiv 1711.05101), with the formulas and defaults of `torch.optim.AdamW`.

    Parameters
    ----------
    params
        Parameters, or groups of them.
    lr
        The learning rate.
    betas
        Coefficients of the moving averages of gradients and of their squares.
    eps
        Added to the denominator.
    weight_decay
        Parameters are multiplied by one minus its product with the learning rate.
    amsgrad
        Whether to divide by the largest moving average of squares so far (arXiv 1904.09237).
    maximize
        Whether to maximize what the gradients are of.
    foreach, fused
        Accepted; all results are those of one fused implementation.
    capturable, differentiable
        Not supported.

    Examples
    --------
    >>> optimizer = AdamW(model.parameters(), lr=5e-5)
    >>> model(**batch).loss.backward()
    >>> optimizer.step()
    >>> optimizer.zero_grad()
    """

    _decoupled = True

    def __init__(  # noqa: PLR0917  # as in torch
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
        )


class SGD(Optimizer):
    """Stochastic gradient descent, with the formulas and defaults of `torch.optim.SGD`.

    Parameters
    ----------
    params
        Parameters, or groups of them.
    lr
        The learning rate.
    momentum
        The factor of the updates so far.
    dampening
        One minus the factor of the gradients that are added to these.
    weight_decay
        Its product with the parameters is added to their gradients.
    nesterov
        Whether to use Nesterov's momentum; needs a momentum, and no dampening.
    maximize
        Whether to maximize what the gradients are of.
    foreach, fused
        Accepted; all results are those of one fused implementation.
    differentiable
        Not supported.
    """

    def __init__(  # noqa: PLR0917  # as in torch
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_number("lr", lr)
        check_number("momentum", momentum)
        check_number("weight_decay", weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise InputError("nesterov: needs a momentum above 0 and a dampening of 0")
        options = {"foreach": foreach, "differentiable": differentiable, "fused": fused}
        refuse(options)
        defaults = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        super().__init__(params, {**defaults, "nesterov": nesterov, "maximize": maximize, **options})

    def _update(self, group: dict[str, Any], parameters: list[Tensor]) -> None:
        fused, others = divided(parameters)
        if fused and not self._fused(group, fused):
            others += fused
        for parameter in others:
            _in_float32(_sgd, parameter, self.state[parameter] if group["momentum"] else {}, group)

    def _fused(self, group: dict[str, Any], parameters: list[Tensor]) -> bool:
        """A step of parameters on the cpu; whether it was possible."""
        names = ("lr", "momentum", "dampening", "weight_decay")
        lr, momentum, dampening, decay = (float(group[name]) for name in names)
        options = (lr, momentum, dampening, decay, group["nesterov"], -1.0 if group["maximize"] else 1.0)
        if not momentum:
            return _native._sgd(parameters, None, [True] * len(parameters), options)
        states = [self.state[parameter] for parameter in parameters]
        are_first = [state.get("momentum_buffer") is None for state in states]
        for parameter, state, is_first in zip(parameters, states, are_first, strict=True):
            if is_first:
                state["momentum_buffer"] = empty_like(parameter)
        done = _native._sgd(parameters, [state["momentum_buffer"] for state in states], are_first, options)
        if not done:
            for state, is_first in zip(states, are_first, strict=True):
                if is_first:
                    del state["momentum_buffer"]
        return done


def adam_options(group: dict[str, Any]) -> tuple[float, tuple[float, float], float, float, bool, float]:
    """The options of a step of Adam as the engine takes them."""
    beta1, beta2 = map(float, group["betas"])
    factor = -1.0 if group["maximize"] else 1.0
    decay, is_decoupled = float(group["weight_decay"]), bool(group["decoupled_weight_decay"])
    return float(group["lr"]), (beta1, beta2), float(group["eps"]), decay, is_decoupled, factor


def _in_float32(
    work: Callable[[Tensor, Tensor, dict[str, Any], dict[str, Any]], None],
    parameter: Tensor,
    state: dict[str, Any],
    group: dict[str, Any],
) -> None:
    """Gives `work` a parameter, its gradient and its state, for narrow floats as those of float32."""
    assert parameter.grad is not None
    gradient = parameter.grad.neg() if group["maximize"] else parameter.grad
    if parameter.itemsize >= float32.itemsize:
        work(parameter, gradient, state, group)
        return
    elements, wide = parameter.float(), {name: value.float() for name, value in state.items()}
    work(elements, gradient.float(), wide, group)
    for name, value in wide.items():
        if name in state:
            state[name].copy_(value)
        else:
            state[name] = value.to(dtype=parameter.dtype)
    parameter.copy_(elements)


def _adam(parameter: Tensor, gradient: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
    lr, (beta1, beta2), decay = float(group["lr"]), map(float, group["betas"]), group["weight_decay"]
    if decay and group["decoupled_weight_decay"]:
        parameter.mul_(1 - lr * decay)
    elif decay:
        gradient = gradient.add(parameter, alpha=decay)
    step, first, second = float(state["step"]), state["exp_avg"], state["exp_avg_sq"]
    first.lerp_(gradient, 1 - beta1)
    second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
    if group["amsgrad"]:
        largest = state["max_exp_avg_sq"]
        second = largest.copy_(maximum(largest, second))
    denominator = second.sqrt().div_((1 - beta2**step) ** 0.5).add_(group["eps"])
    parameter.addcdiv_(first, denominator, value=-lr / (1 - beta1**step))


def _sgd(parameter: Tensor, gradient: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
    momentum = group["momentum"]
    if group["weight_decay"]:
        gradient = gradient.add(parameter, alpha=group["weight_decay"])
    if momentum:
        update = state.get("momentum_buffer")
        if update is None:
            update = state["momentum_buffer"] = gradient.clone()
        else:
            update.mul_(momentum).add_(gradient, alpha=1 - group["dampening"])
        gradient = gradient.add(update, alpha=momentum) if group["nesterov"] else update
    parameter.add_(gradient, alpha=-float(group["lr"]))
