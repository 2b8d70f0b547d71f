"""The model inside a model with a head: `model.bert`, `model.model`, `model.base_model`."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers.errors import UnsupportedError
from trustformers.models.submodules import module_at
from trustformers.models.tree import leaves
from trustformers.models.weights import WeightsMixin

if TYPE_CHECKING:
    from trustformers._native import Model
    from trustformers.models.base import PreTrainedModel
    from trustformers.peft.adapters import Adapters

__all__ = ["BaseModelMixin"]

# Heads of models that are in no other one.
_HEADLESS = ("base", "encoder")


@dataclass
class _Computed:
    """The output of a base model, from that of the model around it."""

    last_hidden_state: Any
    hidden_states: list[Any] = field(default_factory=list)
    attentions: list[Any] = field(default_factory=list)
    router_logits: list[Any] = field(default_factory=list)
    pooler_output: Any = None
    loss: None = None
    aux_loss: None = None


class BaseModelMixin(WeightsMixin):
    """Access to the model without its head.

    A base model inside a model is called like any model. It computes what the model around it computes; where that is
    not enough, it is loaded beside it on first use: for the output of a pooler, for gradients, and to be saved or
    copied.
    """

    if TYPE_CHECKING:
        name_or_path: str
        _directory: str
        # The class of the family's models without a head.
        _base_class: Any

    @property
    def _whole(self) -> Any:
        return self if self._owner is None else self._owner

    @property
    def _path(self) -> str:
        return "" if self._owner is None else self.base_model_prefix

    def _attribute(self, name: str) -> Any:
        found = super()._attribute(name)
        # The reference calls the output layer so in every family, whatever checkpoints call it.
        if (
            found is NotImplemented
            and name == "lm_head"
            and self._owner is None
            and self._structure.head == "causal_lm"
        ):
            return self.get_output_embeddings()
        return found

    @property
    def base_model_prefix(self) -> str:
        """The name of the base model in models with a head."""
        return self._structure.base_model_prefix

    @property
    def base_model(self) -> Any:
        """The model without its head, or the model itself if it has none."""
        if self._owner is not None or self._structure.head in _HEADLESS:
            return self
        found = self.__dict__.get("_base", lambda: None)()
        if found is None:
            found = self._base_class.__new__(self._base_class)
            state = {name: self.__dict__[name] for name in ("config", "name_or_path", "_directory", "_source")}
            found.__dict__.update(state, _owner=self)
            found.__dict__["_adds_pooling_layer"] = "pooler" in found._branch
            # The model must not keep itself alive through its base model.
            self.__dict__["_base"] = weakref.ref(found)
        return found

    def get_encoder(self, modality: str | None = None) -> Any:
        """The module named `encoder`, here or in the base model; the model itself if there is none."""
        if modality is not None:
            raise UnsupportedError(f"not supported: get_encoder({modality!r}) of a text model")
        base = self.base_model
        for module in (self, base):
            for name in ("text_encoder", "encoder"):
                if isinstance(module._branch.get(name), dict):
                    return getattr(module, name)
        return self

    def get_decoder(self) -> Any:
        """The module named `decoder`, here or in the base model; the base model if there is none."""
        base = self.base_model
        for module in (self, base):
            if isinstance(module._branch.get("decoder"), dict):
                return getattr(module, "decoder")  # noqa: B009  # an attribute by the name of a weight
        return base

    def _module_at(self, path: str) -> Any:
        """The module at a path, which is the same object in every call."""
        if self._structure.head not in _HEADLESS and path == self.base_model_prefix:
            return self.base_model
        nodes = self._tree.nodes
        node = nodes.get(path)
        if node is None:
            node = nodes[path] = module_at(self._whole, path)
        return node

    def _called_part(self, path: str) -> Any:
        """What computes the module at a path when it is called; None if only the model does."""
        return

    @property
    def _has_plain_embeddings(self) -> bool:
        """Whether the model computes from a token's id what it computes from the token's row of the table."""
        native = self._plain_native
        table = native.input_embeddings
        found: tuple[Model, bool] | None = self.__dict__.get("_plain_embeddings")
        if found is None or found[0] is not native:
            row = native.weights(table)[table][:1].float().numpy()[None]
            inputs: tuple[dict[str, Any], ...] = ({"input_ids": np.zeros((1, 1), np.int64)}, {"inputs_embeds": row})
            first, second = (self._embedded(native, one) for one in inputs)
            found = self.__dict__["_plain_embeddings"] = (native, bool(np.allclose(first, second)))
        return found[1]

    def _embedded(self, native: Model, inputs: dict[str, Any]) -> Any:
        """What the first layer reads."""
        return native.forward(**inputs, output_hidden_states=True).hidden_states[0]

    def _forward(self, **inputs: Any) -> Any:
        """Runs the engine's model, or the base model in it."""
        owner = self._owner
        if owner is None:
            return self._native.forward(**inputs)
        is_causal_lm = self._structure.head == "causal_lm"
        if "pooler" in self._branch or (inputs.get("past") is not None and not is_causal_lm):
            return self._standalone_native().forward(**inputs)
        wanted = bool(inputs.pop("output_hidden_states", False))
        inputs |= {"output_hidden_states": True} | ({"logits_to_keep": 1} if is_causal_lm else {})
        output = self._native.forward(**inputs)
        states = list(output.hidden_states)
        return _Computed(states[-1], states if wanted else [], list(output.attentions), list(output.router_logits))

    def _standalone_native(self, *, has_adapters: bool = True) -> Model:
        """The engine's model, which for a base model inside another one is loaded beside it."""
        owner = self._owner
        if owner is None:
            return self._native if has_adapters else self._plain_native
        found: tuple[Model, Model] | None = owner.__dict__.get("_base_native")
        if found is None or found[0] is not self._plain_native:
            found = owner.__dict__["_base_native"] = (self._plain_native, _loaded_base(owner, self.base_model_prefix))
        adapters: Adapters | None = owner._adapters
        if adapters is None or not has_adapters:
            return found[1]
        return adapters.attach(found[1], prefix=self.base_model_prefix)

    def _standalone(self) -> Any:
        """The model, or a copy of a base model that is inside no other one."""
        if self._owner is None:
            return self
        copy = type(self).__new__(type(self))
        state = {name: self.__dict__[name] for name in ("config", "name_or_path", "_directory")}
        copy.__dict__.update(state, _loaded=self._standalone_native(has_adapters=False), _source=self._owner._source)
        if frozen := self._frozen:
            copy._parameters.frozen |= frozen
        return copy

    @property
    def _frozen(self) -> set[str]:
        """Names of weights that require no gradients."""
        frozen: set[str] = set(self._whole._parameters.frozen)
        if self._owner is None:
            return frozen
        return {path for path, name in leaves(self._branch) if name in frozen}


def _loaded_base(owner: PreTrainedModel, prefix: str) -> Model:
    """The base model of a model with a head."""
    native, head = owner._plain_native, owner._base_class.base_head
    is_partly_random = any(name.startswith(f"{prefix}.") for name in native.missing_weights)
    if owner._source is not None and not is_partly_random:
        _, directory, options, overrides, ignores = owner._source
        return owner._native_of(directory, head, options, overrides=overrides, ignore_mismatched_sizes=ignores)
    if owner.is_quantized:
        raise UnsupportedError("not supported: the base model of a quantized model whose weights have changed")
    base = _native.Model.from_config(native.config(), head, native.device, native.dtype)
    return base.with_weights(owner.base_model.state_dict(), False)[0]
