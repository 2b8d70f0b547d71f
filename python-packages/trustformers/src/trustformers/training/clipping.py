"""Clipping of gradients, as torch.nn.utils does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers._native import Tensor, stack
from trustformers.errors import InputError
from trustformers.tensor.autograd import no_grad
from trustformers.tensor.dtypes import float32
from trustformers.training.fused import divided, is_fused

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]

# Keeps the factor finite, as in torch.
_EPSILON = 1e-6


@no_grad()
def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all elements of tensors together.

    Parameters
    ----------
    tensors
        The tensors, such as gradients.
    norm_type
        The order of the norm; infinity is the largest absolute value.
    error_if_nonfinite
        Whether a norm that is not finite is an error.
    foreach
        Accepted for torch's sake.

    Raises
    ------
    InputError
        The norm is not finite, and `error_if_nonfinite`.
    """
    found = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    if not found:
        return Tensor(0.0)
    order: Any = float(norm_type)
    if order == 2 and all(map(is_fused, found)):
        total = Tensor(_native._norm(found), dtype=float32)
        _check_finite(total, error_if_nonfinite)
        return total
    norms = [tensor.norm(order).to(found[0].device) for tensor in found]
    total = stack([norm.float() for norm in norms] if len({norm.dtype for norm in norms}) > 1 else norms).norm(order)
    _check_finite(total, error_if_nonfinite)
    return total


@no_grad()
def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Multiplies the gradients by `max_norm / (total_norm + 1e-6)` if that is below one.

    Parameters
    ----------
    parameters
        Parameters; those without gradients are skipped.
    max_norm
        The largest norm.
    total_norm
        The norm of all gradients, of `get_total_norm`.
    foreach
        Accepted for torch's sake.
    """
    factor = (float(max_norm) / (total_norm + _EPSILON)).clamp(max=1.0)
    if float(factor) != 1:
        fused, others = divided([parameters] if isinstance(parameters, Tensor) else parameters)
        _native._scale_gradients(fused, float(factor), False)
        for gradient in _gradients(others):
            gradient.mul_(factor.to(gradient.device))


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scales the gradients of all parameters so that the norm of all their elements is at most `max_norm`.

    Parameters
    ----------
    parameters
        Parameters; those without gradients are skipped.
    max_norm
        The largest norm.
    norm_type
        The order of the norm; infinity is the largest absolute value.
    error_if_nonfinite
        Whether a norm that is not finite is an error.
    foreach
        Accepted for torch's sake.

    Returns
    -------
    Tensor
        The norm before.

    Raises
    ------
    InputError
        The norm is not finite, and `error_if_nonfinite`.
    """
    found = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    total = get_total_norm(_gradients(found), norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(found, max_norm, total, foreach)
    return total


@no_grad()
def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None) -> None:
    """Clamps the gradients of parameters to the range from `-clip_value` to `clip_value`.

    Parameters
    ----------
    parameters
        Parameters; those without gradients are skipped.
    clip_value
        The largest absolute value.
    foreach
        Accepted for torch's sake.
    """
    limit = float(clip_value)
    for gradient in _gradients(parameters):
        gradient.clamp_(-limit, limit)


def _check_finite(norm: Tensor, error_if_nonfinite: bool) -> None:
    if error_if_nonfinite and not norm.isfinite():
        raise InputError(f"the norm of the gradients is {float(norm)}, and error_if_nonfinite=True")


def _gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    found = [parameters] if isinstance(parameters, Tensor) else parameters
    return [gradient for parameter in found if (gradient := parameter.grad) is not None]
