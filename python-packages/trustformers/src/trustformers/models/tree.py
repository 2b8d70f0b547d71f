"""The names of a model's modules and of their parameters, derived from the names of its weights."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustformers._native import ParameterInfo
    from trustformers.models.submodules import Module

__all__ = ["BUFFERS", "Branch", "Tree", "leaves"]

# Weights that are no parameters, and are not trained.
BUFFERS = frozenset({"final_logits_bias"})
# Families whose position embeddings are sinusoids in a table of the checkpoint.
_SINUSOIDAL = ("marian", "pegasus")

# A module: its modules by name, and for each parameter the name of the weight, which tied parameters share.
Branch = dict[str, Any]


class Tree:
    """The modules of a model; modules without parameters, such as dropout, are not among them.

    Attributes
    ----------
    nodes
        Modules by path.
    """

    def __init__(self, native: Any) -> None:
        # The engine's model.
        self.native: Any = native
        # A node keeps its model alive, and must not be kept alive by it.
        self.nodes: WeakValueDictionary[str, Module] = WeakValueDictionary()
        # The weights without their elements, by name.
        self.weights: dict[str, ParameterInfo] = {weight.name: weight for weight in native.parameters()}
        # The layer that computes a language model's logits; None for other heads.
        self.output: str | None = native.output_layer
        self._is_transposed: bool | None = None
        self._root: Branch | None = None

    @property
    def root(self) -> Branch:
        """The model itself."""
        if self._root is None:
            self._root = {}
            for name in self.weights:
                self._insert(name, name)
            if self.output is not None:
                self._insert(f"{self.output}.weight", self.native.output_embeddings)
                parent = self.branch(self.output.rpartition(".")[0])
                # The bias of an output layer belongs to the module around it too.
                if parent is not None and isinstance(parent.get("bias"), str):
                    self._insert(f"{self.output}.bias", parent["bias"])
        return self._root

    @cached_property
    def quantization(self) -> str | None:
        """The method that the model's checkpoint is quantized with; None for other models."""
        stored = self.native.config().get("quantization_config")
        return stored.get("quant_method") if isinstance(stored, dict) else None

    @cached_property
    def constants(self) -> frozenset[str]:
        """Weights that are not trained: buffers, and parameters that hold sinusoids."""
        is_fixed = self.native.config().get("model_type") in _SINUSOIDAL
        return BUFFERS | {name for name in self.weights if is_fixed and name.endswith(".embed_positions.weight")}

    def _insert(self, path: str, name: str) -> None:
        branch = self.root
        *modules, parameter = path.split(".")
        for module in modules:
            branch = branch.setdefault(module, {})
        branch.setdefault(parameter, name)

    def branch(self, path: str) -> Branch | None:
        """The module at a path; None if there is none."""
        found: Any = self.root
        for name in path.split(".") if path else ():
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else None

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a weight."""
        return tuple(self.weights[name].shape)

    @property
    def is_transposed(self) -> bool:
        """Whether linear layers are stored as (in_features, out_features): one that is not square shows it."""
        if self._is_transposed is None:
            layers = (self._sizes(branch) for branch in _branches(self.root))
            decisive = (sizes for sizes in layers if sizes is not None and sizes[0] != sizes[1])
            self._is_transposed = next((first != bias for first, _, bias in decisive), False)
        return self._is_transposed

    def _sizes(self, branch: Branch) -> tuple[int, int, int] | None:
        """The sizes of the weight and the bias of a linear layer; None for other modules."""
        names = [branch.get(name) for name in ("weight", "bias")]
        shapes = [self.shape(name) for name in names if isinstance(name, str)]
        if len(shapes) < 2:
            return None
        weight, bias = shapes
        return (*weight, *bias) if len(weight) == 2 and len(bias) == 1 else None


def leaves(branch: Branch, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Paths of the parameters of a module and the modules in it, and the names of their weights."""
    for name, value in branch.items():
        if isinstance(value, str):
            yield f"{prefix}{name}", value
        else:
            yield from leaves(value, f"{prefix}{name}.")


def _branches(branch: Branch) -> Iterator[Branch]:
    yield branch
    for value in branch.values():
        if isinstance(value, dict):
            yield from _branches(value)
