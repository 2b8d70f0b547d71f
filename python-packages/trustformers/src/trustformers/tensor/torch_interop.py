"""Gradients across the border to PyTorch, which is imported only when a tensor crosses it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trustformers import _native

if TYPE_CHECKING:
    from trustformers._native import Tensor

__all__ = ["continue_backward", "to_torch"]


def to_torch(tensor: Tensor) -> Any:
    """A torch tensor that shares the tensor's memory and hands its gradient on to the tensor."""
    torch: Any = import_module("torch")
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
        @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
        def backward(ctx: Any, gradient: Any) -> Any:
            found = graph.backward(_native.Tensor.from_torch(gradient.contiguous()))
            moved = [
                None if one is None else to_torch(one).to(device)
                for one, device in zip(found, ctx.devices, strict=True)
            ]
            return None, *moved

    # torch records a function only if an operand requires a gradient.
    return FromTrustformers.apply(torch.empty(0, requires_grad=True), *graph.sources())


def continue_backward(source: Any, gradient: Tensor) -> None:
    """Continues a backward pass in torch from the torch tensor `source`."""
    torch: Any = import_module("torch")
    torch.autograd.backward(source, to_torch(gradient).to(source.device), retain_graph=True)
