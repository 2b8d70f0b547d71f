"""The names of a model's modules and of their parameters, derived from the names of its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np

from trustformers.errors import UnsupportedError, WeightsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustformers._native import Model, Tensor
    from trustformers.models.submodules import Module

__all__ = ["Branch", "Tree", "base_prefix", "leaves"]

# A module: its modules by name, and for each parameter the name of the weight, which tied parameters share.
Branch = dict[str, Any]

# Output layers of language models, which checkpoints do not store if they are tied to the token embeddings.
_OUTPUT_LAYERS = (
    "lm_head",
    "lm_head.decoder",
    "cls.predictions.decoder",
    "predictions.decoder",
    "lm_predictions.lm_head",
    "vocab_projector",
    "generator_lm_head",
    "embed_out",
    "decoder",
)
# Names of modules of decoders. Others are not searched for in quantized checkpoints, whose names are known only with
# their dequantized weights.
_FIRST_NAMES = frozenset(
    {
        *("model", "transformer", "gpt_neox", "lm_head", "embed_out", "score", "classifier"),
        *("embed_tokens", "embed_in", "wte", "wpe", "word_embeddings", "word_embeddings_layernorm"),
        *("layers", "h", "decoder", "norm", "ln_f", "final_layernorm", "final_layer_norm"),
    }
)
# Names of the model without a head, beside its model_type.
_BASES = ("model", "transformer", "bert", "roberta", "deberta")
# Above this number of weights, reading all of them is faster than reading each.
_FEW = 12


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
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._is_transposed: bool | None = None
        self._root: Branch | None = None
        self._output: str | None = None

    @property
    def root(self) -> Branch:
        """The model itself."""
        if self._root is None:
            self._root = {}
            names, self._output = _names(self.native)
            for name in names:
                self._insert(name, name)
            if self._output is not None:
                self._insert(f"{self._output}.weight", str(self.native.output_embeddings))
                parent = self.branch(self._output.rpartition(".")[0])
                # The bias of an output layer belongs to the module around it too.
                if parent is not None and isinstance(parent.get("bias"), str):
                    self._insert(f"{self._output}.bias", parent["bias"])
        return self._root

    @property
    def output(self) -> str | None:
        """The path of a language model's output layer; None for other heads."""
        return self._output if self.root else None

    def may_have(self, name: str) -> bool:
        """Whether the model itself may have a module; False only if finding out would read all weights."""
        return self._root is not None or name in _FIRST_NAMES or _mismatches(self.native, ()) is not None

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

    def weights(self, names: Iterable[str]) -> dict[str, Tensor]:
        """Weights by name."""
        wanted = list(dict.fromkeys(names))
        if len(wanted) > _FEW:
            everything = self.native.weights()
            return {name: everything[name] for name in wanted}
        found: dict[str, Tensor] = {}
        for name in wanted:
            found |= self.native.weights(name)
        return found

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a weight."""
        if name not in self._shapes:
            found = self.native.weights(name) if len(self._shapes) < _FEW else self.native.weights()
            self._shapes |= {name: tuple(weight.shape) for name, weight in found.items()}
        return self._shapes[name]

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


def base_prefix(native: Any, model_type: str) -> str:
    """The name of the model without a head in checkpoints of the family that have a head."""
    table: str = native.input_embeddings
    if native.head != "base":
        return table.partition(".")[0]
    names = (model_type.replace("-", "_"), *_BASES)
    found = _mismatches(native, [f"{name}.{table}" for name in names])
    return next((name for name in names if found is not None and f"{name}.{table}" not in found[1]), "model")


def _names(native: Model) -> tuple[list[str], str | None]:
    """Names of a model's weights, and the path of a language model's output layer; None for other heads."""
    output = native.output_embeddings
    is_tied = output is not None and output == native.input_embeddings
    layers = [f"{layer}.weight" for layer in _OUTPUT_LAYERS] if is_tied else []
    found = _mismatches(native, layers)
    names, unexpected = (list(native.weights()), set(layers[1:])) if found is None else found
    if is_tied:
        output = next((layer for layer in layers if layer not in unexpected), None)
    return names, None if output is None else output.removesuffix(".weight")


def _mismatches(native: Model, names: Iterable[str]) -> tuple[list[str], set[str]] | None:
    """The weights that a state dict with `names` lacks, and those of the names that the model does not have.

    None for a model whose checkpoint is quantized. No weight is read.
    """
    try:
        native.with_weights({name: np.zeros(0, np.float32) for name in names}, True)
    except WeightsError as error:
        listed = str(error)
    except UnsupportedError:
        return None
    missing, _, unexpected = listed.partition("missing keys: ")[2].partition("; unexpected keys: ")
    return missing.split(", "), set(unexpected.split(", "))
