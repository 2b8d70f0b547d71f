"""A model's weights as parameters: tensors that require gradients, and whose changes in place change the model."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary, ref

from trustformers.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustformers._native import Model, Tensor
    from trustformers.models.tree import Tree

__all__ = ["Parameters", "Weight"]

# Above this number of weights, reading all of them is faster than reading each.
_FEW = 12


class Parameters:
    """The parameters of a model: one tensor per weight while somebody uses it.

    Attributes
    ----------
    frozen
        Names of the weights whose `requires_grad` was set to False.
    changed
        Weights that were changed in place since the engine's model was made.
    held
        All weights, once the model is trained: the engine's model has none of its own.
    """

    def __init__(self, tree: Tree, frozen: Iterable[str] = ()) -> None:
        self.tree: Tree = tree
        self.frozen: set[str] = set(frozen)
        self.changed: dict[str, Tensor] = {}
        self.held: dict[str, Tensor] = {}
        # Parameters that calls have recorded; their gradients must outlive the caller's references.
        self._recorded: dict[str, Tensor] = {}
        # The engine's elements, which a parameter shares, are not kept alive by the model.
        self._tensors: WeakValueDictionary[str, Tensor] = WeakValueDictionary()

    def tensors(self, names: Iterable[str]) -> dict[str, Tensor]:
        """Parameters by name."""
        wanted = list(dict.fromkeys(names))
        found = {name: self._tensors.get(name) for name in wanted}
        absent = [name for name, tensor in found.items() if tensor is None]
        for name, elements in _elements(self.tree.native, absent).items() if absent else ():
            weight = Weight(self, name)
            tensor = elements._of_weight(weight, self.requires_grad(name))
            weight.tensor = ref(tensor)
            found[name] = self._tensors[name] = tensor
        return {name: tensor for name, tensor in found.items() if tensor is not None}

    def recorded(self, paths: Mapping[str, str]) -> list[tuple[str, Tensor]]:
        """Paths and tensors of the parameters that require gradients, which a call is about to record.

        Parameters
        ----------
        paths
            The weight at each path.
        """
        wanted = {path: name for path, name in paths.items() if self.requires_grad(name)}
        tensors = self.tensors(wanted.values())
        self._recorded |= tensors
        return [(path, tensors[name]) for path, name in wanted.items()]

    def gradients(self, names: Iterable[str]) -> list[tuple[Tensor, Tensor]]:
        """The gradients that parameters have, each with its parameter."""
        tensors = [tensor for name in names if (tensor := self._tensors.get(name)) is not None]
        return [(gradient, tensor) for tensor in tensors if (gradient := tensor.grad) is not None]

    def hold(self) -> None:
        """Keeps all weights, so that the engine's model needs none."""
        if not self.held:
            self.held = self.tensors(self.tree.weights)

    def requires_grad(self, name: str) -> bool:
        """Whether a weight requires a gradient: it is not frozen, not quantized and no constant."""
        is_constant = name in self.tree.constants
        return name not in self.frozen and not is_constant and not self.tree.weights[name].is_quantized

    def set_requires_grad(self, names: Iterable[str], requires_grad: bool) -> None:
        """Freezes weights, or the opposite.

        Raises
        ------
        InputError
            A quantized weight is to require a gradient.
        """
        names = set(names) - self.tree.constants
        quantized = sorted(name for name in names if self.tree.weights[name].is_quantized)
        if quantized and requires_grad:
            raise InputError(f"requires_grad: {quantized[0]} is quantized, and only floats have gradients")
        self.frozen = self.frozen - names if requires_grad else self.frozen | names
        for name in names:
            if (tensor := self._tensors.get(name)) is not None:
                tensor._collect_gradient(requires_grad)

    def reload(self, tree: Tree) -> None:
        """Gives all parameters that somebody uses the elements of another model of the engine."""
        self.tree, self.changed, self.held = tree, {}, {}
        used = {name: tensor for name, tensor in self._tensors.items() if name in tree.weights}
        for name, elements in _elements(tree.native, list(used)).items():
            used[name]._reload(elements)


class Weight:
    """What a tensor that is a weight of a model asks, and tells, the model, which it does not keep alive.

    Attributes
    ----------
    tensor
        The tensor, which it does not keep alive either.
    """

    tensor: ref[Tensor]

    def __init__(self, parameters: Parameters, name: str) -> None:
        # The model's parameters hold the tensor, which the collector of cycles does not look into.
        self._parameters = ref(parameters)
        self.name = name

    def set_requires_grad(self, value: bool) -> None:
        """Freezes the weight, or the opposite."""
        if (parameters := self._parameters()) is not None:
            parameters.set_requires_grad([self.name], value)
        elif (tensor := self.tensor()) is not None:
            tensor._collect_gradient(value)

    def written(self) -> None:
        """Tells the model that its weight has new elements, for its next use."""
        parameters = self._parameters()
        if parameters is not None and (tensor := parameters._tensors.get(self.name)) is not None:
            parameters.changed[self.name] = tensor

    def check_change(self, is_view: bool) -> None:
        """Checks that an operation in place changes the model.

        Raises
        ------
        UnsupportedError
            It would not: the tensor is a view, or the model's checkpoint is quantized.
        """
        parameters = self._parameters()
        if parameters is None:
            return
        if is_view:
            raise UnsupportedError(
                f"not supported: changing {self.name} through a view; assign to an index of the weight itself, such as "
                "weight[0] = values, call load_state_dict(), or change a clone()"
            )
        if method := parameters.tree.quantization:
            raise UnsupportedError(
                f"not supported: changing {self.name}, which is of a model with {method} weights, in place; "
                "load_state_dict() needs a model without quantization too"
            )

    def check_reshape(self) -> None:
        """Raises `UnsupportedError`: weights have the shape and the dtype of the configuration."""
        raise UnsupportedError(
            f"not supported: another shape or dtype of {self.name}; use resize_token_embeddings() or to(dtype) of the "
            "model"
        )


def _elements(native: Model, names: list[str]) -> Mapping[str, Tensor]:
    """Elements of weights by name."""
    if len(names) > _FEW:
        everything: Mapping[str, Tensor] = native.weights()
        return {name: everything[name] for name in names}
    found: dict[str, Tensor] = {}
    for name in names:
        found |= native.weights(name)
    return found
