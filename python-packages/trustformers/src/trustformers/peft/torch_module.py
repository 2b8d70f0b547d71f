"""What a `PeftModel` has in common with a `torch.nn.Module`: moving, modes, parameters and modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from trustformers.models.tree import BUFFERS, leaves
from trustformers.models.weights import IncompatibleKeys
from trustformers.peft.adapters import parameter_names
from trustformers.peft.files import PREFIX, load_parameters
from trustformers.peft.modules import module_tree

if TYPE_CHECKING:
    from typing_extensions import Self

    from trustformers._native import Tensor
    from trustformers.peft.lora_model import LoraModel

__all__ = ["PeftModuleMixin"]


class PeftModuleMixin:
    """Methods that PyTorch's modules have, of a base model with adapters."""

    if TYPE_CHECKING:
        base_model: LoraModel
        peft_config: Any

    def train(self, mode: bool = True) -> Self:
        """Puts the base model into training mode, or into evaluation mode; returns the model."""
        self.base_model.model.train(mode)
        return self

    def eval(self) -> Self:
        """Puts the base model into evaluation mode; returns the model."""
        return self.train(False)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Moves the base model and the adapters to a device, casts them to a dtype, or both; returns the model.

        Raises
        ------
        UnsupportedError
            The base model's weights are quantized, or it does not compute in the dtype.
        """
        self.base_model.model.to(*args, **kwargs)
        return self

    def cpu(self) -> Self:
        """Moves the model to the cpu."""
        return self.to("cpu")

    def cuda(self, device: int | str | None = None) -> Self:
        """Moves the model to an NVIDIA GPU, by default the first."""
        self.base_model.model.cuda(device)
        return self

    def float(self) -> Self:
        """Casts the model to float32."""
        return self.to(dtype="float32")

    def half(self) -> Self:
        """Casts the model to float16."""
        return self.to(dtype="float16")

    def bfloat16(self) -> Self:
        """Casts the model to bfloat16."""
        return self.to(dtype="bfloat16")

    def apply(self, fn: Callable[[Any], object]) -> Self:
        """Calls a function with each module inside before the modules around it; returns the model."""
        for module in reversed(list(self.modules())):
            fn(module)
        return self

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Names and tensors of the parameters of the base model and the adapters, with PEFT's names."""
        if not recurse:
            return
        adapters = self.base_model.adapters
        model = adapters.model
        found: dict[str, tuple[str | None, str]] = {}
        listed: set[str] = set()
        for path, weight, own in parameter_names(adapters, leaves(model._tree.root)):
            if weight in BUFFERS:
                continue
            if weight is None or not (remove_duplicate and weight in listed):
                found[f"{prefix}.{PREFIX}{path}" if prefix else f"{PREFIX}{path}"] = (weight, own)
            listed.add(weight or own)
        weights = model._parameters.tensors(weight for weight, _ in found.values() if weight is not None)
        for path, (weight, own) in found.items():
            yield path, adapters.tensors[own] if weight is None else weights[weight]

    def parameters(self, recurse: bool = True) -> Iterator[Tensor]:
        """The tensors of `named_parameters`."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> dict[str, Tensor]:
        """The parameters and buffers by name, which `prefix` begins."""
        found = dict(self._named_buffers()) | dict(self.named_parameters())
        return {f"{prefix}{name}": w if keep_vars else w.detach() for name, w in found.items()}

    def _named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        return ((f"{PREFIX}{name}", tensor) for name, tensor in self.base_model.model.named_buffers())

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Replaces the parameters, by the names of `state_dict()`, with copies of tensors.

        Raises
        ------
        WeightsError
            A tensor has another shape, or `strict` and keys do not match.
        """
        adapters, model = self.base_model.adapters, self.base_model.model
        names = [name for name, _ in (*self._named_buffers(), *self.named_parameters())]
        base, missing, unexpected = load_parameters(adapters, state_dict, names, prefix=PREFIX, strict=strict)
        if base:
            model.load_state_dict(base, strict=False)
        return IncompatibleKeys(missing, unexpected)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clears the gradients of the parameters, or sets them to zeros."""
        self.base_model.model.zero_grad(set_to_none)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Changes `requires_grad` of all parameters; returns the model."""
        self.base_model.model.requires_grad_(requires_grad)
        return self

    def get_nb_trainable_parameters(self) -> tuple[int, int]:
        """The numbers of elements of parameters that require gradients, and of all parameters."""
        sizes = [(parameter.numel(), parameter.requires_grad) for parameter in self.parameters()]
        return sum(size for size, is_trained in sizes if is_trained), sum(size for size, _ in sizes)

    def print_trainable_parameters(self) -> None:
        """Prints the numbers of `get_nb_trainable_parameters`, and their ratio in percent."""
        trained, every = self.get_nb_trainable_parameters()
        print(f"trainable params: {trained:,d} || all params: {every:,d} || trainable%: {100 * trained / every:.4f}")

    def num_parameters(self, only_trainable: bool = False, exclude_embeddings: bool = False) -> int:
        """The number of elements of all parameters, or of those that require gradients.

        Parameters
        ----------
        only_trainable
            Whether to leave out parameters that require no gradients.
        exclude_embeddings
            Whether to leave out the base model's embedding tables.
        """
        return self.base_model.model.num_parameters(only_trainable, exclude_embeddings)

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """The base model, whose modules have the adapters' beside them."""
        yield "base_model", module_tree(self.base_model.adapters)

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """Names and modules of the model itself and all modules in it, with PEFT's names."""
        yield prefix, self
        inside = f"{prefix}.base_model" if prefix else "base_model"
        yield from module_tree(self.base_model.adapters).named_modules(prefix=inside)

    def modules(self) -> Iterator[Any]:
        """The model itself and all modules in it."""
        return (module for _, module in self.named_modules())
