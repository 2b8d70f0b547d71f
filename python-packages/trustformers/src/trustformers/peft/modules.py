"""The modules of a model with adapters, by the names of PEFT."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from trustformers.models.tree import BUFFERS, leaves
from trustformers.peft.adapters import parameter_names

if TYPE_CHECKING:
    from trustformers._native import Tensor
    from trustformers.peft.adapters import Adapters

__all__ = ["AdaptedModule", "module_tree"]

# What PEFT calls a base model's own module where an adapter has another one.
_OWN = ("base_layer", "original_module")


class AdaptedModule:
    """A module that has an adapter, or has modules with one.

    Its attributes are the modules and parameters in it.
    """

    def __init__(self, adapters: Adapters, path: str, branch: dict[str, Any], *, is_root: bool = False) -> None:
        self._adapters, self._path, self._members = adapters, path, branch
        # The module around the base model, which is not part of paths.
        self._is_root = is_root

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """Names and modules of the modules directly inside."""
        return ((name, self._child(name)) for name, value in self._members.items() if isinstance(value, dict))

    def children(self) -> Iterator[Any]:
        """The modules directly inside."""
        return (child for _, child in self.named_children())

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """Names and modules of the module itself and all modules in it."""
        yield prefix, self
        for name, child in self.named_children():
            yield from child.named_modules(prefix=f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Any]:
        """The module itself and all modules in it."""
        return (module for _, module in self.named_modules())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Names and tensors of the parameters."""
        before = f"{prefix}." if prefix else ""
        for name, value in self._members.items():
            if not isinstance(value, dict):
                if value[0] not in BUFFERS:
                    yield f"{before}{name}", self._tensor(value)
            elif recurse:
                yield from self._child(name).named_parameters(f"{before}{name}")

    def parameters(self, recurse: bool = True) -> Iterator[Tensor]:
        """The tensors of `named_parameters`."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def __getattr__(self, name: str) -> Any:
        found = NotImplemented if name.startswith("_") else self.of_adapters(name)
        if found is NotImplemented and not name.startswith("_"):
            # What the base model's own module has, such as its weight.
            found = getattr(self._adapters.model._module_at(self._path), name, NotImplemented) if self._own else found
        if found is NotImplemented:
            raise AttributeError(f"{self._path or 'the model'} has no attribute {name!r}")
        return found

    def of_adapters(self, name: str) -> Any:
        """A module or a parameter by its name, or a setting of the adapters; `NotImplemented` if there is none."""
        value = self._members.get(name, NotImplemented)
        if value is not NotImplemented:
            return self._child(name) if isinstance(value, dict) else self._tensor(value)
        kinds: dict[str, Any] = {
            "scaling": lambda layer: layer.scale,
            "r": lambda layer: layer.rank,
            "use_dora": lambda layer: layer.has_magnitude,
        }
        if not self._own or name not in kinds:
            return NotImplemented
        layers = [layer for layers in self._adapters.layers.values() for layer in layers if layer.module == self._path]
        return MappingProxyType({layer.adapter: kinds[name](layer) for layer in layers})

    @property
    def _own(self) -> bool:
        """Whether the module is one of the base model that has an adapter."""
        return any(name in self._members for name in _OWN)

    def __getitem__(self, name: str | int) -> Any:
        return getattr(self, str(name))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._members]

    def __repr__(self) -> str:
        model = self._adapters.model
        if not self._is_root and model._tree.branch(self._path) is not None:
            return repr(model._module_at(self._path) if self._path else model)
        shown = [f"({name}): {child!r}" for name, child in self.named_children()]
        shown += [f"{name}={tuple(value.shape)}" for name, value in self.named_parameters(recurse=False)]
        inside = "\n".join(shown).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {inside}\n)"

    def _child(self, name: str) -> Any:
        path = f"{self._path}.{name}" if self._path else name
        branch = self._members[name]
        if self._is_root:
            return AdaptedModule(self._adapters, "", branch)
        if name in _OWN:
            return self._adapters.model._module_at(self._path)
        if not any(own for _, own in _values(branch)) and self._adapters.model._tree.branch(path):
            return self._adapters.model._module_at(path)
        return AdaptedModule(self._adapters, path, branch)

    def _tensor(self, value: tuple[str | None, str]) -> Tensor:
        weight, own = value
        if weight is None:
            return self._adapters.tensors[own]
        found: Tensor = self._adapters.model._parameters.tensors([weight])[weight]
        return found


def module_tree(adapters: Adapters) -> AdaptedModule:
    """A module with the base model as `model`."""
    root: dict[str, Any] = {}
    for path, weight, own in parameter_names(adapters, leaves(adapters.model._tree.root)):
        *modules, parameter = path.split(".")
        branch = root
        for module in modules:
            branch = branch.setdefault(module, {})
        branch[parameter] = (weight, own)
    return AdaptedModule(adapters, "", {"model": root}, is_root=True)


def _values(branch: dict[str, Any]) -> Iterator[tuple[str | None, str]]:
    for value in branch.values():
        if isinstance(value, dict):
            yield from _values(value)
        else:
            yield value
