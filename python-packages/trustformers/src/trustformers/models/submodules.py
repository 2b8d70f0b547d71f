"""The modules inside a model: names, parameters and sizes. Only whole models are called."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trustformers.errors import UnsupportedError
from trustformers.models.module_tree import ModuleTree, described
from trustformers.models.tensors import embeddings
from trustformers.models.tree import Branch, Tree
from trustformers.models.unsupported import UnsupportedPartMethods

if TYPE_CHECKING:
    from trustformers._native import Tensor
    from trustformers.models.base import PreTrainedModel

__all__ = ["Conv1D", "Embedding", "LayerNorm", "Linear", "Module", "ModuleList", "RMSNorm", "module_at"]

# Last names of embedding tables; other weights of this shape are those of linear layers.
_TABLES = re.compile(r"(.*_embeddings?|embed_(tokens|positions|in)|wte|wpe|relative_attention_bias)$")


class Module(UnsupportedPartMethods, ModuleTree):
    """A module inside a model, whose class is not known.

    Its attributes are the modules and parameters in it. It has no `forward`: only whole models are called.
    """

    _whole: PreTrainedModel
    _path: str
    _members: Branch | None

    def __init__(self, whole: PreTrainedModel, path: str, branch: Branch | None = None) -> None:
        self.__dict__.update(_whole=whole, _path=path, _members=branch)

    @property
    def _branch(self) -> Branch:
        return super()._branch if self._members is None else self._members

    @property
    def _own_shapes(self) -> dict[str, tuple[int, ...]]:
        tree = self._whole._tree
        return {name: tree.shape(value) for name, value in self._branch.items() if isinstance(value, str)}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        found = self._attribute(name)
        if found is NotImplemented:
            found = self._whole._adapted_attribute(self._path, name)
        if found is NotImplemented:
            raise AttributeError(f"{described(self)} has no attribute {name!r}; it has {', '.join(self._branch)}")
        return found

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._branch]

    def __setattr__(self, name: str, value: object) -> None:
        raise UnsupportedError(
            f"not supported: assigning to {self._path}.{name}; change parameters with model.load_state_dict(), and "
            "modules in the checkpoint before loading it"
        )

    def __delattr__(self, name: str) -> None:
        raise UnsupportedError(
            f"not supported: deleting {self._path}.{name}; a model has the modules of its configuration"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the encoder or the decoder of an encoder-decoder.

        Raises
        ------
        UnsupportedError
            For another module: only whole models are called.
        """
        called = self._whole._called_part(self._path)
        if called is not None:
            return called(*args, **kwargs)
        raise UnsupportedError(
            f"not supported: calling {self._path}, a module inside {type(self._whole).__name__}; call the model, with "
            "output_hidden_states=True or output_attentions=True for what its layers compute"
        )

    forward = __call__

    def extra_repr(self) -> str:
        """Parameters of the module itself, as text."""
        return ", ".join(f"{name}={shape}" for name, shape in self._own_shapes.items())

    def __repr__(self) -> str:
        return self._shown(self.extra_repr())


class ModuleList(Module):
    """A list of modules, such as the layers of a model."""

    def __len__(self) -> int:
        return len(self._branch)

    def __iter__(self) -> Iterator[Any]:
        return self.children()

    def __getitem__(self, index: int | slice) -> Any:
        names = list(self._branch)
        if isinstance(index, slice):
            members = {str(at): self._branch[name] for at, name in enumerate(names[index])}
            return _Slice(self, names[index], members)
        try:
            name = names[index]
        except IndexError:
            raise IndexError(f"{self._path}: index {index} is out of range of {len(names)} modules") from None
        return self._child(name)

    def __setitem__(self, index: object, value: object) -> None:
        raise UnsupportedError(
            f"not supported: replacing {self._path}[{index!r}]; a model has the modules of its configuration"
        )

    def __delitem__(self, index: object) -> None:
        raise UnsupportedError(
            f"not supported: deleting {self._path}[{index!r}]; load the model with fewer layers, such as "
            "from_pretrained(..., num_hidden_layers=6)"
        )

    def __contains__(self, module: object) -> bool:
        return any(module is own for own in self)


class _Slice(ModuleList):
    """Some modules of a list."""

    def __init__(self, whole: ModuleList, names: list[str], branch: Branch) -> None:
        super().__init__(whole._whole, whole._path, branch)
        self.__dict__["_names"] = dict(zip(branch, names, strict=True))

    def _child(self, name: str) -> Any:
        return super()._child(self._names[name])


_Slice.__name__ = _Slice.__qualname__ = "ModuleList"


def _class_of_torch(module: Module) -> Any:
    kind, torch = type(module), sys.modules.get("torch")
    # Scripts find linear layers and norms with isinstance(module, torch.nn.Linear).
    return kind if torch is None or kind.__module__ != __name__ else getattr(torch.nn, kind.__name__)


class Linear(Module):
    """A linear layer; an instance of torch's class too if torch is imported."""

    __class__ = property(_class_of_torch)

    @property
    def bias(self) -> Tensor | None:
        """The bias, (out_features,); None if there is none."""
        found = self._attribute("bias")
        return None if found is NotImplemented else found

    @property
    def in_features(self) -> int:
        """Size of an input vector."""
        return self._own_shapes["weight"][1]

    @property
    def out_features(self) -> int:
        """Size of an output vector."""
        return self._own_shapes["weight"][0]

    def extra_repr(self) -> str:
        """Sizes of the layer, as text."""
        has_bias = "bias" in self._branch
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={has_bias}"


class Conv1D(Module):
    """A linear layer whose weight is transposed: (nx, nf)."""

    @property
    def nx(self) -> int:
        """Size of an input vector."""
        return self._own_shapes["weight"][0]

    @property
    def nf(self) -> int:
        """Size of an output vector."""
        return self._own_shapes["weight"][1]

    def extra_repr(self) -> str:
        """Sizes of the layer, as text."""
        return f"nf={self.nf}, nx={self.nx}"


class Embedding(Module):
    """A table of embeddings. That of the tokens is called with token ids."""

    def __call__(self, input: Any, *args: Any, **kwargs: Any) -> Any:
        """The embeddings of token ids, (..., hidden), which a model takes as `inputs_embeds`.

        Raises
        ------
        InputError
            An id is not in the vocabulary.
        UnsupportedError
            The table is not that of the tokens, or the model scales the embeddings of tokens.
        """
        if args or kwargs or f"{self._path}.weight" != self._whole._structure.input_embeddings:
            return super().__call__(input, *args, **kwargs)
        if not self._whole._has_plain_embeddings:
            raise UnsupportedError(
                f"not supported: calling {self._path}, whose embeddings the model scales; pass input_ids to the model"
            )
        adapters = self._whole._adapters

        def rows(table: Tensor, ids: Tensor) -> Tensor:
            return table[ids] if adapters is None else adapters.embedded(self._path, table, ids)

        return embeddings(self.weight, input, self._whole._structure.dtype, rows)

    forward = __call__

    @property
    def num_embeddings(self) -> int:
        """Number of embeddings."""
        return self._own_shapes["weight"][0]

    @property
    def embedding_dim(self) -> int:
        """Size of an embedding."""
        return self._own_shapes["weight"][1]

    def extra_repr(self) -> str:
        """Sizes of the table, as text."""
        return f"{self.num_embeddings}, {self.embedding_dim}"


class _Norm(Module):
    """A norm of the last dimension."""

    @property
    def normalized_shape(self) -> tuple[int, ...]:
        """Shape of what is normalized."""
        return self._own_shapes["weight"]

    def extra_repr(self) -> str:
        """The normalized shape, as text."""
        return f"{self.normalized_shape}"


class LayerNorm(_Norm):
    """A layer norm; an instance of torch's class too if torch is imported."""

    __class__ = property(_class_of_torch)


class RMSNorm(_Norm):
    """A norm by the root mean square."""


def module_at(whole: PreTrainedModel, path: str) -> Module:
    """The module at a path of a model."""
    return _kind_of(whole, path, whole._tree.branch(path) or {})(whole, path)


def _kind_of(whole: PreTrainedModel, path: str, branch: Branch) -> type[Module]:
    """The class of a module as the names and shapes of its parameters show it; `Module` if they do not."""
    if branch and all(name.isdigit() for name in branch):
        return ModuleList
    if not isinstance(branch.get("weight"), str) or branch.keys() - {"weight", "bias"}:
        return Module
    tree = whole._tree
    shape = tree.shape(branch["weight"])
    bias = tree.shape(branch["bias"]) if "bias" in branch else None
    if len(shape) == 1:
        return _kind_of_norm(whole.config, has_bias=bias is not None)
    return _kind_of_layer(tree, path, shape, bias) if len(shape) == 2 else Module


def _kind_of_norm(config: Any, *, has_bias: bool) -> type[Module]:
    if has_bias:
        return Module if getattr(config, "normalization_type", None) == "no_norm" else LayerNorm
    return RMSNorm if hasattr(config, "rms_norm_eps") else LayerNorm


def _kind_of_layer(tree: Tree, path: str, shape: tuple[int, ...], bias: tuple[int, ...] | None) -> type[Module]:
    if bias is None:
        is_table = f"{path}.weight" == tree.native.input_embeddings or _TABLES.match(path.rpartition(".")[2])
        return Embedding if is_table else Linear
    is_transposed = tree.is_transposed if shape[0] == shape[1] else bias != shape[:1]
    return Conv1D if is_transposed else Linear
