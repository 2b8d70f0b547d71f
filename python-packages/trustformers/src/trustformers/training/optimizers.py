"""Optimizers with the formulas and defaults of torch: Adam, AdamW and SGD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers._native import Tensor, zeros_like
from trustformers.errors import InputError
from trustformers.tensor.dtypes import float32
from trustformers.tensor.elementwise import maximum
from trustformers.training.optimizer_base import Optimizer, check_number, refuse

if TYPE_CHECKING:
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
        for parameter in parameters:
            state = self.state[parameter]
            if not state:
                state["step"] = Tensor(0.0, dtype=float32)
                state["exp_avg"] = zeros_like(parameter)
                state["exp_avg_sq"] = zeros_like(parameter)
                if group["amsgrad"]:
                    state["max_exp_avg_sq"] = zeros_like(parameter)
            state["step"].add_(1)
            _adam(parameter, state, group)


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
        for parameter in parameters:
            _sgd(parameter, self.state[parameter] if group["momentum"] else {}, group)


def _gradient(parameter: Tensor, group: dict[str, Any]) -> Tensor:
    assert parameter.grad is not None
    gradient = parameter.grad
    return gradient.neg() if group["maximize"] else gradient


def _adam(parameter: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
    lr, (beta1, beta2) = float(group["lr"]), map(float, group["betas"])
    gradient, decay = _gradient(parameter, group), group["weight_decay"]
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


def _sgd(parameter: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
    gradient, momentum = _gradient(parameter, group), group["momentum"]
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
