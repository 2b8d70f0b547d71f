"""The adapters of a model: their tensors, and the engine's model with their updates."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import ref

from trustformers import _native
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.submodules import Conv1D, Embedding
from trustformers.models.tree import leaves
from trustformers.peft.targets import matched_modules, of_pattern, resolve_targets, saved_modules

if TYPE_CHECKING:
    from trustformers._native import Model, Tensor
    from trustformers.peft.config import LoraConfig

__all__ = ["Adapters", "LowRank"]


@dataclass(frozen=True)
class LowRank:
    """The update of one module by one adapter.

    Attributes
    ----------
    module
        Path of the module.
    adapter
        Name of the adapter.
    weight
        Name of the module's weight.
    layout
        "linear" for (out_features, in_features), "transposed" for (in_features, out_features), and "embedding" for
        (vocabulary, hidden).
    outputs, inputs
        Sizes of an output and an input vector; that of the input of a table is its number of rows.
    rank
        The rank.
    scale
        What the product of the factors is multiplied by.
    dropout
        Rate of the dropout of the inputs.
    has_magnitude
        Whether the updated weight is normalized and multiplied by a magnitude of each output (DoRA).
    """

    module: str
    adapter: str
    weight: str
    layout: str
    outputs: int
    inputs: int
    rank: int
    scale: float
    dropout: float
    has_magnitude: bool

    @property
    def a(self) -> str:
        """Name of the factor of the inputs, (rank, inputs)."""
        return self._factor("A")

    @property
    def b(self) -> str:
        """Name of the factor of the outputs, (outputs, rank)."""
        return self._factor("B")

    @property
    def magnitude(self) -> str:
        """Name of the magnitudes, (outputs,)."""
        return f"{self.module}.lora_magnitude_vector.{self.adapter}.weight"

    @property
    def names(self) -> list[str]:
        """Names of the tensors."""
        return [self.a, self.b, *([self.magnitude] if self.has_magnitude else [])]

    def _factor(self, letter: str) -> str:
        if self.layout == "embedding":
            return f"{self.module}.lora_embedding_{letter}.{self.adapter}"
        return f"{self.module}.lora_{letter}.{self.adapter}.weight"

    def update(self, a: Tensor, b: Tensor) -> Tensor:
        """What the adapter adds to the weight, as (outputs, inputs)."""
        return (b.detach().float() @ a.detach().float()) * self.scale

    def merged(self, weight: Tensor, tensors: dict[str, Tensor]) -> Tensor:
        """The weight with the update, in its own layout and dtype."""
        plain = weight.detach().float()
        own = plain if self.layout == "linear" else plain.t()
        found = own + self.update(tensors[self.a], tensors[self.b])
        if self.has_magnitude:
            found = found * (tensors[self.magnitude].detach().float() / _norms(found))[:, None]
        return (found if self.layout == "linear" else found.t()).contiguous().to(weight.dtype)


class Adapters:
    """The adapters of a model.

    Attributes
    ----------
    configs
        Configurations by the adapter's name.
    active
        Names of the adapters that are used.
    is_enabled
        Whether any adapter is used.
    layers
        The updates of each adapter, in the order of the model.
    saved
        For each adapter the weights of the modules that it trains as a whole, by the name of its own tensor.
    tensors
        The adapters' tensors by name.
    """

    def __init__(self, model: Any) -> None:
        self.configs: dict[str, LoraConfig] = {}
        self.active: list[str] = []
        self.is_enabled = True
        self.layers: dict[str, list[LowRank]] = {}
        self.saved: dict[str, dict[str, str]] = {}
        self.tensors: dict[str, Tensor] = {}
        # The adapters are part of the model, and must not keep it alive.
        self._model = ref(model)
        # By the path in the whole model, the engine's model without adapters, and the one with those that are active.
        self._attached: dict[str, tuple[Model, Model]] = {}
        # Paths whose adapters have former elements.
        self._stale: set[str] = set()

    @property
    def model(self) -> Any:
        """The model that the adapters belong to."""
        return self._model()

    def add(self, name: str, config: LoraConfig, *, is_loaded: bool = False) -> None:
        """Adds an adapter with initial values, which is active if it is the first.

        Parameters
        ----------
        name
            The name.
        config
            The configuration, whose `target_modules` become those of the model.
        is_loaded
            Whether its values are loaded after this.

        Raises
        ------
        InputError
            There is such an adapter, its name is no name of a module, or it fits no module.
        UnsupportedError
            Another adapter trains biases too, or a module to save shares its weight with another one.
        """
        if not isinstance(name, str) or not name or "." in name:
            raise InputError(f"adapter_name: expected a name without a point, found {name!r}")
        if name in self.configs:
            raise InputError(f"adapter_name: there is an adapter {name!r} already")
        others = [key for key, known in self.configs.items() if known.bias != "none"]
        if others and config.bias != "none":
            raise UnsupportedError(f"not supported: bias of the adapters {others[0]!r} and {name!r}; one may have it")
        if not is_loaded:
            config._check_initial()
        model = self.model
        resolve_targets(config, model)
        layers = [self._layer(name, config, path) for path in matched_modules(config, model)]
        saved = self._saved(name, config)
        if not config.inference_mode and (
            quantized := [w for w in saved.values() if model._tree.weights[w].is_quantized]
        ):
            raise UnsupportedError(
                f"not supported: modules_to_save: {quantized[0]} is quantized; load the model without quantization, or "
                "leave out task_type and modules_to_save, so that the adapter trains no whole modules"
            )
        # Reads parameters that were changed before, so that the engine's model has all weights.
        values = {key: value for layer in layers for key, value in self._initial(layer, config)}
        values |= {own: model._plain_native.weights(weight)[weight].clone() for own, weight in saved.items()}
        is_first = not self.configs
        self.configs[name], self.layers[name], self.saved[name] = config, layers, saved
        is_trained = is_first and not config.inference_mode
        for key, value in values.items():
            self._set_tensor(key, value, requires_grad=is_trained)
        if is_first:
            model._parameters.set_requires_grad(model._tree.weights, False)
            self.activate([name], requires_grad=is_trained)
        self.changed()

    def activate(self, names: list[str], *, requires_grad: bool) -> None:
        """Uses these adapters and no others, which require no gradients.

        Raises
        ------
        InputError
            There is no such adapter.
        """
        for name in names:
            self.check(name)
        self.active = list(names)
        for name in self.configs:
            self.set_requires_grad(name, requires_grad and name in names)
        self.changed()

    def state(self) -> dict[str, Any]:
        """What `restored` makes the same adapters of, for another model of the same shapes."""
        return {
            "configs": copy.deepcopy(self.configs),
            "active": list(self.active),
            "is_enabled": self.is_enabled,
            "tensors": {name: (tensor.detach().clone(), tensor.requires_grad) for name, tensor in self.tensors.items()},
        }

    @classmethod
    def restored(cls, model: Any, state: dict[str, Any]) -> Adapters:
        """The adapters of `state` for a model, whose own `requires_grad` they leave as it is."""
        frozen = set(model._parameters.frozen)
        found = cls(model)
        for name, config in state["configs"].items():
            found.add(name, config, is_loaded=True)
        for name, (values, requires_grad) in state["tensors"].items():
            found.tensors[name]._reload(values)
            found.tensors[name]._collect_gradient(requires_grad)
        found.changed()
        found.active, found.is_enabled = list(state["active"]), state["is_enabled"]
        model._parameters.set_requires_grad(model._tree.weights.keys() - frozen, True)
        model._parameters.set_requires_grad(frozen, False)
        return found

    def check(self, name: str) -> None:
        """Raises `InputError` if there is no adapter of this name."""
        if not isinstance(name, str) or name not in self.configs:
            raise InputError(f"adapter_name: no adapter {name!r}; there are {', '.join(self.configs) or 'none'}")

    def check_resized(self, weight: str) -> None:
        """Raises `UnsupportedError` if an adapter has a weight that is to get another shape."""
        for name, layers in self.layers.items():
            if weight in self.saved[name].values() or any(layer.weight == weight for layer in layers):
                raise UnsupportedError(
                    f"not supported: resizing {weight}, which the adapter {name!r} changes; call "
                    "resize_token_embeddings() before the adapter is added, or after merge_and_unload()"
                )

    def described(self, module: str, kind: str, extra: str) -> tuple[str, str]:
        """What `repr` shows of a module: its class and its settings, with those of its adapters."""
        ranks = {layer.adapter: layer.rank for own in self.layers.values() for layer in own if layer.module == module}
        saved = [
            name for name, own in self.saved.items() if any(k.startswith(f"{module}.modules_to_save.") for k in own)
        ]
        shown = [extra] if extra else []
        shown += ([f"r={ranks}"] if ranks else []) + ([f"modules_to_save={saved}"] if saved else [])
        return f"lora.{kind}" if ranks else kind, ", ".join(shown)

    def set_requires_grad(self, name: str, requires_grad: bool) -> None:
        """Changes `requires_grad` of an adapter's tensors, and of the biases that it trains."""
        for key in self.names(name):
            self.tensors[key]._collect_gradient(requires_grad)
        if biases := self.biases(name):
            self.model._parameters.set_requires_grad(biases, requires_grad)

    def delete(self, name: str) -> None:
        """Removes an adapter; the first of those that are left is active, and trained, instead."""
        self.check(name)
        is_trained = any(self.tensors[key].requires_grad for key in self.names(name))
        self.set_requires_grad(name, False)
        for key in self.names(name):
            del self.tensors[key]
        for table in (self.configs, self.layers, self.saved):
            del table[name]
        self.active = [own for own in self.active if own != name]
        if not self.active and self.configs:
            self.activate([next(iter(self.configs))], requires_grad=is_trained)
        self.changed()

    def names(self, name: str) -> list[str]:
        """Names of an adapter's tensors."""
        return [key for layer in self.layers[name] for key in layer.names] + list(self.saved[name])

    def biases(self, name: str) -> list[str]:
        """Names of the model's own biases that an adapter trains."""
        wanted = self.configs[name].bias
        if wanted == "none":
            return []
        tree = self.model._tree
        if wanted == "lora_only":
            branches = (tree.branch(layer.module) or {} for layer in self.layers[name])
            return [branch["bias"] for branch in branches if isinstance(branch.get("bias"), str)]
        replaced = {*self.saved[name].values()}
        return [own for own in tree.weights if own.rpartition(".")[2] == "bias" and own not in replaced]

    @property
    def used(self) -> list[str]:
        """Names of the adapters that calls use."""
        return self.active if self.is_enabled else []

    @property
    def is_trainable(self) -> bool:
        """Whether any tensor of an adapter that is used requires a gradient."""
        return any(self.tensors[key].requires_grad for name in self.used for key in self.names(name))

    def trained(self) -> list[tuple[str, Tensor]]:
        """Names in the engine's model, and tensors, of all adapters that are used."""
        found = []
        for name in self.used:
            found += [(key, self.tensors[key]) for layer in self.layers[name] for key in layer.names]
            found += [(weight, self.tensors[own]) for own, weight in self.saved[name].items()]
        return found

    def attach(self, native: Model, *, prefix: str = "", exact: bool = True) -> Model:
        """The engine's model with the adapters that are used.

        Parameters
        ----------
        native
            The engine's model without adapters.
        prefix
            The path of `native` in the whole model.
        exact
            Whether the elements are the tensors' present ones; a recorded call gets those anyway.
        """
        if not self.used:
            return native
        known = self._attached.get(prefix)
        if known is None or known[0] is not native or (exact and prefix in self._stale):
            known = self._attached[prefix] = (native, self._applied(native, f"{prefix}." if prefix else ""))
            self._stale.discard(prefix)
        return known[1]

    def embedded(self, module: str, table: Tensor, ids: Tensor) -> Tensor:
        """Rows of a table of embeddings with the adapters that are used.

        Parameters
        ----------
        module
            Path of the table's module.
        table
            The model's own table.
        ids
            Indices of rows.
        """
        for name in self.used:
            saved = [own for own, weight in self.saved[name].items() if weight == f"{module}.weight"]
            table = self.tensors[saved[0]] if saved else table
        found = table[ids]
        for layer in (layer for name in self.used for layer in self.layers[name] if layer.module == module):
            a, b = self.tensors[layer.a], self.tensors[layer.b]
            found = found + (a.t()[ids] @ b.t()) * layer.scale
            if layer.has_magnitude:
                norms = _norms(table.detach().float().t() + layer.update(a, b))
                found = found * (self.tensors[layer.magnitude] / norms)
        return found

    def changed(self) -> None:
        """Discards the engine's model with adapters, as others are used now."""
        self._attached.clear()
        self._stale.clear()

    def written(self) -> None:
        """Tells that a tensor has new elements."""
        self._stale.update(self._attached)

    def _applied(self, native: Model, prefix: str) -> Model:
        saved = {weight: self.tensors[own] for name in self.used for own, weight in self.saved[name].items()}
        replaced = {key[len(prefix) :]: value for key, value in saved.items() if key.startswith(prefix)}
        if replaced:
            native = native.with_weights(replaced, False)[0]
        layers = [layer for name in self.used for layer in self.layers[name] if layer.module.startswith(prefix)]
        return native.with_adapters([self._native_adapter(layer, layer.module[len(prefix) :]) for layer in layers])

    def _native_adapter(self, layer: LowRank, module: str) -> _native.Adapter:
        magnitude = self.tensors[layer.magnitude] if layer.has_magnitude else None
        a, b = self.tensors[layer.a], self.tensors[layer.b]
        settings: dict[str, Any] = {"name": layer.adapter, "magnitude": magnitude, "dropout": layer.dropout}
        return _native.Adapter(module, a, b, layer.scale, **settings)

    def _layer(self, name: str, config: LoraConfig, path: str) -> LowRank:
        module = self.model._module_at(path)
        weight = module._branch["weight"]
        shape = self.model._tree.shape(weight)
        layout = {Embedding: "embedding", Conv1D: "transposed"}.get(type(module), "linear")
        outputs, inputs = shape if layout == "linear" else shape[::-1]
        rank = int(of_pattern(config.rank_pattern, path, config.r))
        alpha = float(of_pattern(config.alpha_pattern, path, config.lora_alpha))
        scale = alpha / (math.sqrt(rank) if config.use_rslora else rank)
        # PEFT's tables have no dropout.
        dropout = 0.0 if layout == "embedding" else float(config.lora_dropout)
        return LowRank(path, name, weight, layout, outputs, inputs, rank, scale, dropout, bool(config.use_dora))

    def _saved(self, name: str, config: LoraConfig) -> dict[str, str]:
        """The weights of the modules that an adapter trains as a whole, by the name of its own tensors."""
        model = self.model
        paths = list(leaves(model._tree.root))
        found: dict[str, str] = {}
        for module in saved_modules(config.modules_to_save, model):
            inside = {path: weight for path, weight in paths if path.startswith(f"{module}.")}
            outside = {weight: path for path, weight in paths if path not in inside}
            if shared := next((outside[weight] for weight in inside.values() if weight in outside), None):
                raise UnsupportedError(
                    f"not supported: modules_to_save={module!r}, whose weight {shared} is too; use target_modules"
                )
            for path, weight in inside.items():
                # A module may be inside one that is saved too.
                if weight not in found.values():
                    found[f"{module}.modules_to_save.{name}.{path[len(module) + 1 :]}"] = weight
        return found

    def _initial(self, layer: LowRank, config: LoraConfig) -> Iterator[tuple[str, Tensor]]:
        """Initial values of an update."""
        initial, device = config.init_lora_weights, self.model.device

        def uniform(rows: int, columns: int) -> Tensor:
            return ((_native.rand(rows, columns) * 2.0 - 1.0) / math.sqrt(columns)).to(device=device)

        a_shape, b_shape = (layer.rank, layer.inputs), (layer.outputs, layer.rank)
        if layer.layout == "embedding":
            a = _native.zeros(*a_shape).to(device=device) if initial else _native.randn(*a_shape).to(device=device)
            b = _native.randn(*b_shape).to(device=device)
        else:
            is_normal = isinstance(initial, str) and initial.lower() == "gaussian"
            a = (_native.randn(*a_shape) / layer.rank).to(device=device) if is_normal else uniform(*a_shape)
            b = _native.zeros(*b_shape).to(device=device) if initial else uniform(*b_shape)
        yield layer.a, a
        yield layer.b, b
        if layer.has_magnitude:
            weight = self.model._plain_native.weights(layer.weight)[layer.weight].float()
            own = weight if layer.layout == "linear" else weight.t()
            yield layer.magnitude, _norms(own + layer.update(a, b))

    def to(self, device: str | None, dtype: str | None, *, names: Iterable[str] | None = None) -> None:
        """Moves tensors, by default all, to a device, casts them to a dtype, or both; None leaves it as it is."""
        for tensor in self.tensors.values() if names is None else [self.tensors[name] for name in names]:
            wanted = (device or tensor.device, dtype or tensor.dtype)
            if wanted != (tensor.device, tensor.dtype):
                tensor._reload(tensor.detach().to(device=wanted[0], dtype=wanted[1]))
        self.changed()

    def _set_tensor(self, name: str, values: Tensor, *, requires_grad: bool) -> None:
        weight = AdapterWeight(self, name)
        tensor = self.tensors[name] = values.detach()._of_weight(weight, requires_grad)
        weight.tensor = ref(tensor)

    def load(self, name: str, values: Tensor) -> None:
        """Replaces the elements of a tensor by those of another one of its shape."""
        own = self.tensors[name]
        own._reload(values.to(device=own.device, dtype=own.dtype).contiguous())
        self.written()


class AdapterWeight:
    """What a tensor of an adapter asks, and tells, the adapters, which it does not keep alive.

    Attributes
    ----------
    tensor
        The tensor, which it does not keep alive either.
    """

    tensor: ref[Tensor]

    def __init__(self, adapters: Adapters, name: str) -> None:
        self._adapters = ref(adapters)
        self.name = name

    def set_requires_grad(self, value: bool) -> None:
        """Freezes the tensor, or the opposite."""
        if (tensor := self.tensor()) is not None:
            tensor._collect_gradient(value)

    def written(self) -> None:
        """Tells the adapters of new elements."""
        if (adapters := self._adapters()) is not None:
            adapters.written()

    def check_change(self, is_view: bool) -> None:
        """Raises `UnsupportedError` if an operation in place would not change the adapter."""
        if is_view:
            raise UnsupportedError(
                f"not supported: changing {self.name} through a view; assign to an index of the weight itself"
            )

    def check_reshape(self) -> None:
        """Raises `UnsupportedError`: the configuration has the shape."""
        raise UnsupportedError(f"not supported: another shape or dtype of {self.name}; add another adapter")


def _norms(weight: Tensor) -> Tensor:
    """Norms of the rows."""
    return (weight * weight).sum(-1).sqrt()


def parameter_names(adapters: Adapters, paths: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str | None, str]]:
    """PEFT's names of the parameters of a model with adapters, in PEFT's order.

    Parameters
    ----------
    adapters
        The adapters.
    paths
        Paths of the parameters without adapters, and names of their weights.

    Yields
    ------
    tuple
        The name, the model's own weight or None, and the name of the adapters' tensor otherwise.
    """
    layered: dict[str, list[str]] = {}
    for layers in adapters.layers.values():
        for layer in layers:
            layered.setdefault(layer.module, []).extend(layer.names)
    saved: dict[str, list[str]] = {}
    for owned in adapters.saved.values():
        for own in owned:
            saved.setdefault(own.partition(".modules_to_save.")[0], []).append(own)
    last: str | None = None

    def pending(current: str | None) -> Iterator[tuple[str, str | None, str]]:
        if last is not None and last != current:
            listed = sorted(layered[last], key=_rank_of_kind) if last in layered else saved[last]
            yield from ((own, None, own) for own in listed)

    for path, weight in paths:
        module, _, parameter = path.rpartition(".")
        holder = next((own for own in saved if path.startswith(f"{own}.")), None)
        current = holder or (module if module in layered else None)
        yield from pending(current)
        last = current
        if holder is not None:
            yield f"{holder}.original_module.{path[len(holder) + 1 :]}", weight, ""
        elif current is not None:
            yield f"{module}.base_layer.{parameter}", weight, ""
        else:
            yield path, weight, ""
    yield from pending(None)


_KINDS = ("lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B", "lora_magnitude_vector")


def _rank_of_kind(name: str) -> int:
    return next(at for at, kind in enumerate(_KINDS) if f".{kind}." in name)
