"""Tensors and gradients across the border to PyTorch, which is imported only when a tensor crosses it."""

from __future__ import annotations

import re
from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers.errors import InputError, UnsupportedError
from trustformers.tensor.autograd import no_grad

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustformers._native import Tensor

__all__ = ["continue_backward", "to_torch", "torch_function"]


def to_torch(tensor: Tensor) -> Any:
    """A torch tensor that shares the tensor's memory and hands its gradient on to the tensor."""
    torch: Any = import_module("torch")
    if tensor._weight() is not None:
        tensor = tensor.detach()
    # torch has no read-only tensors, and writing to a mapped file would end the process; nor has it negative strides.
    if tensor._is_read_only() or any(stride < 0 for stride in tensor.stride()):
        tensor = tensor.clone()
    if not tensor.requires_grad:
        return torch.utils.dlpack.from_dlpack(tensor.__dlpack__())

    graph = _native._TorchGraph(tensor)

    class FromTrustformers(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, anchor: Any, *sources: Any) -> Any:
            ctx.devices = [source.device for source in sources]
            return torch.utils.dlpack.from_dlpack(tensor.detach().__dlpack__())

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            # Gradients are enabled in a backward pass only if it creates a graph.
            if torch.is_grad_enabled():
                raise UnsupportedError(
                    "not supported: create_graph=True through a trustformers model, whose gradients are not "
                    "differentiable; leave it out, or compute second derivatives from differences of gradients"
                )
            found = graph.backward(_native.Tensor.from_torch(gradient.contiguous()))
            moved = [
                None if one is None else to_torch(one).to(device)
                for one, device in zip(found, ctx.devices, strict=True)
            ]
            return None, *moved

    # torch records a function only if an operand requires a gradient.
    return FromTrustformers.apply(torch.empty(0, requires_grad=True), *graph.sources())


def torch_function(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any] | None) -> Any:
    """Calls a function or an operator of torch with torch tensors in place of tensors, whose memory they share.

    Raises
    ------
    InputError
        The result is to be written to a tensor, which operations do not change.
    """
    given = dict(kwargs or {})
    if isinstance(given.get("out"), _native.Tensor):
        raise InputError("out: a Tensor of trustformers; pass a tensor of torch, or use the result")
    weight = _changed_weight(function, args, given)
    if weight is None:
        return function(*_in_torch(args), **_in_torch(given))
    torch: Any = import_module("torch")
    changed = to_torch(weight.clone())
    args, given = _in_torch(_replaced(args, weight, changed)), _in_torch(_replaced(given, weight, changed))
    with torch.no_grad():
        function(*args, **given)
    # torch's functions of initialization turn the recording off themselves.
    is_initialized = getattr(function, "__module__", "") == "torch.nn.init"
    with no_grad() if is_initialized else nullcontext():
        return weight.copy_(_native.Tensor.from_torch(changed))


# Names of functions that change their first operand.
_IN_PLACE = re.compile(r"(?!__).*_|__setitem__|__i(add|sub|mul|truediv|floordiv|mod|pow|and|or|xor|[lr]shift)__")


def _changed_weight(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Tensor | None:
    """The weight of a model, or the view of one, that a function of torch changes in place; None without one."""
    operand = args[0] if args else next(iter(kwargs.values()), None)
    if not isinstance(operand, _native.Tensor) or operand._weight() is None:
        return None
    return operand if _IN_PLACE.fullmatch(getattr(function, "__name__", "")) else None


def _replaced(values: Any, old: object, new: object) -> Any:
    if isinstance(values, dict):
        return {key: new if value is old else value for key, value in values.items()}
    return tuple(new if value is old else value for value in values)


def _in_torch(value: Any) -> Any:
    """A value with torch tensors in place of tensors, also those in lists, tuples and dicts."""
    if isinstance(value, _native.Tensor):
        return to_torch(value)
    if type(value) in {list, tuple}:
        return type(value)(_in_torch(item) for item in value)
    return {key: _in_torch(item) for key, item in value.items()} if type(value) is dict else value


def continue_backward(source: Any, gradient: Tensor) -> None:
    """Continues a backward pass in torch from the torch tensor `source`."""
    torch: Any = import_module("torch")
    torch.autograd.backward(source, to_torch(gradient).to(source.device), retain_graph=True)
