"""What models and the modules inside them share: modules by name, parameters and modes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from trustformers.errors import UnsupportedError
from trustformers.models.tree import BUFFERS, Branch, leaves
from trustformers.models.unsupported import UnsupportedModuleMethods

if TYPE_CHECKING:
    from typing_extensions import Self

    from trustformers._native import Tensor
    from trustformers.models.base import PreTrainedModel

__all__ = ["ModuleTree", "described"]


class ModuleTree(UnsupportedModuleMethods):
    """What models and the modules inside them share: modules by name, parameters, modes.

    The names are those of the checkpoint's weights. Modules without parameters, such as dropout, are not listed.
    """

    if TYPE_CHECKING:

        @property
        def _whole(self) -> PreTrainedModel:
            """The model that the module is in."""

        @property
        def _path(self) -> str:
            """The path of the module in the model."""

    @property
    def _branch(self) -> Branch:
        return self._whole._tree.branch(self._path) or {}

    @property
    def training(self) -> bool:
        """Whether the whole model is in training mode."""
        return bool(self._whole.__dict__.get("_training", False))

    def eval(self) -> Self:
        """Puts the module into evaluation mode; returns the module."""
        return self.train(False)

    def train(self, mode: bool = True) -> Self:
        """Puts the model into training mode, or into evaluation mode if `mode` is false; returns the module.

        In training mode calls record what gradients of the weights need, and return outputs that require gradients.

        Raises
        ------
        UnsupportedError
            The module is inside a model that is in the other mode.
        """
        if self._whole is not self and self.training != bool(mode):
            raise UnsupportedError(
                f"not supported: train({mode}) of a module, as a model is in one mode; call it on the whole model"
            )
        self._whole.__dict__["_training"] = bool(mode)
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Changes `requires_grad` of the parameters; returns the module.

        Raises
        ------
        InputError
            `requires_grad` is true and a parameter is quantized.
        """
        self._whole._parameters.set_requires_grad((name for _, name in leaves(self._branch)), requires_grad)
        for tensor in self._adapter_tensors:
            tensor.requires_grad = requires_grad
        return self

    def extra_repr(self) -> str:
        """What `repr` shows beside the modules inside."""
        return ""

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clears the gradients of the parameters, or sets them to zeros."""
        for gradient, parameter in self._gradients():
            if set_to_none:
                parameter.grad = None
            else:
                gradient.zero_()

    def _gradients(self) -> list[tuple[Tensor, Tensor]]:
        """The gradients that parameters have, each with its parameter."""
        names = {name for _, name in leaves(self._branch)}
        own = [(tensor.grad, tensor) for tensor in self._adapter_tensors]
        return self._whole._parameters.gradients(names) + [(grad, tensor) for grad, tensor in own if grad is not None]

    @property
    def _adapter_tensors(self) -> list[Tensor]:
        """The tensors of adapters in the module."""
        adapters = self._whole._adapters
        inside = f"{self._path}." if self._path else ""
        return [tensor for name, tensor in adapters.tensors.items() if name.startswith(inside)] if adapters else []

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """Names and modules of the modules directly inside."""
        for name, value in self._branch.items():
            if isinstance(value, dict):
                yield name, self._child(name)

    @property
    def _modules(self) -> dict[str, Any]:
        # Libraries read this attribute of torch's modules.
        return dict(self.named_children())

    def children(self) -> Iterator[Any]:
        """The modules directly inside."""
        return (child for _, child in self.named_children())

    def named_modules(
        self, memo: Set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """Paths and modules: the module itself, and all modules in it.

        Parameters
        ----------
        memo
            Modules to leave out.
        prefix
            The path of the module itself, by default empty.
        remove_duplicate
            Without effect: no module has two paths.
        """
        if memo is None or self not in memo:
            yield prefix, self
        for name, child in self.named_children():
            yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Any]:
        """The module itself and all modules in it."""
        return (module for _, module in self.named_modules())

    def get_submodule(self, target: str) -> Any:
        """The module at a path, such as `encoder.layer.0`; the module itself for an empty one.

        Raises
        ------
        AttributeError
            There is no such module; the message names the first name that is missing.
        """
        found: Any = self
        for name in target.split(".") if target else ():
            found = getattr(found, name)
            if not isinstance(found, ModuleTree):
                raise AttributeError(f"{target}: {name} is no module")
        return found

    def get_parameter(self, target: str) -> Tensor:
        """The parameter at a path, such as `encoder.layer.0.output.dense.weight`.

        Raises
        ------
        AttributeError
            There is no such parameter.
        """
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not isinstance(module._branch.get(name), str):
            raise AttributeError(f"{target}: {described(module)} has no parameter {name!r}")
        weight: Tensor = getattr(module, name)
        return weight

    get_parameter_or_buffer = get_parameter

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a path.

        Raises
        ------
        AttributeError
            There is no such buffer.
        """
        for path, tensor in self.named_buffers():
            if path == target:
                return tensor
        raise AttributeError(f"{target}: the model has no such buffer; config has what others are computed from")

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Names and tensors of buffers: weights that are not trained, such as `final_logits_bias`."""
        inside = f"{prefix}." if prefix else ""
        names = [path for path, value in self._branch.items() if isinstance(value, str) and value in BUFFERS]
        weights = self._whole._parameters.tensors(names)
        return ((f"{inside}{name}", weights[name]) for name in names)

    def named_non_persistent_buffers(
        self, recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Names and tensors of buffers that no checkpoint has, of which there are none."""
        return iter(())

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The tensors of `named_buffers`."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Names and tensors of the parameters, whose changes in place change the model.

        Parameters
        ----------
        prefix
            The path of the module itself, by default empty.
        recurse
            Whether to include the parameters of the modules inside.
        remove_duplicate
            Whether to list parameters that are one tensor, such as tied ones, once.
        """
        branch = self._branch
        if not recurse:
            branch = {name: value for name, value in branch.items() if isinstance(value, str)}
        found: dict[str, str] = {}
        listed: set[str] = set()
        for path, name in leaves(branch, f"{prefix}." if prefix else ""):
            if name not in BUFFERS and not (remove_duplicate and name in listed):
                found[path] = name
            listed.add(name)
        weights = self._whole._parameters.tensors(found.values())
        return ((path, weights[name]) for path, name in found.items())

    def parameters(self, recurse: bool = True) -> Iterator[Tensor]:
        """The tensors of `named_parameters`."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> dict[str, Tensor]:
        """The parameters and buffers by name, which `prefix` begins. Tied parameters are listed once.

        Without `keep_vars` the tensors require no gradients.
        """
        found = dict(self.named_buffers()) | dict(self.named_parameters())
        return {f"{prefix}{name}": w if keep_vars else w.detach() for name, w in found.items()}

    def apply(self, fn: Callable[[Any], object]) -> Self:
        """Calls a function with each module inside, and with the module itself at last; returns the module."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def _child(self, name: str) -> Any:
        return self._whole._module_at(f"{self._path}.{name}" if self._path else name)

    def _attribute(self, name: str) -> Any:
        """The module or the parameter of a name; `NotImplemented` if there is none."""
        value = self._branch.get(name, NotImplemented)
        if isinstance(value, str):
            return self._whole._parameters.tensors([value])[value]
        return self._child(name) if isinstance(value, dict) else value

    def _shown(self, extra: str) -> str:
        """The modules as text; equal ones that follow each other are shown once."""
        kind, adapters = type(self).__name__, self._whole._adapters
        if adapters is not None and self._path:
            kind, extra = adapters.described(self._path, kind, extra)
        shown = [(name, repr(child)) for name, child in self.named_children()]
        lines = [extra] if extra else []
        for text, group in groupby(shown, key=itemgetter(1)):
            names = [name for name, _ in group]
            if len(names) == 1 or not names[0].isdigit():
                lines += [f"({name}): {text}" for name in names]
            else:
                lines.append(f"({names[0]}-{names[-1]}): {len(names)} x {text}")
        if not shown:
            return f"{kind}({extra})"
        inside = "\n".join(lines).replace("\n", "\n  ")
        return f"{kind}(\n  {inside}\n)"


def described(module: ModuleTree) -> str:
    """The class and the path of a module."""
    name = type(module).__name__
    return f"{name} {module._path}" if module._path else name
