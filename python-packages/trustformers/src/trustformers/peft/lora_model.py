"""The model inside a `PeftModel`: the base model with adapters, and how they are merged."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers.errors import InputError, UnsupportedError
from trustformers.models.base import PreTrainedModel
from trustformers.models.unsupported import unsupported
from trustformers.peft.adapters import Adapters
from trustformers.peft.combining import KINDS, add_weighted
from trustformers.peft.config import lora_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustformers._native import Tensor
    from trustformers.peft.config import LoraConfig

__all__ = ["LoraModel"]

# Options of add_weighted_adapter() that change nothing of what is supported.
_WITHOUT_EFFECT = frozenset({"svd_full_matrices", "svd_driver", "majority_sign_method"})

_MERGING = "merge_and_unload() merges adapters; call it on a copy.deepcopy() to keep them"

logger: logging.Logger = logging.getLogger("trustformers")


class _NoAdapters(InputError, AttributeError):
    """The adapters of a model were merged or removed; `hasattr` is false."""


class LoraModel:
    """A base model with low-rank adapters.

    Parameters
    ----------
    model
        The base model, to which the adapter is added.
    config
        The configuration of the adapter.
    adapter_name
        The adapter's name.

    Attributes
    ----------
    model
        The base model.
    """

    prefix = "lora_"

    def __init__(
        self, model: PreTrainedModel, config: Any, adapter_name: str = "default", *, is_loaded: bool = False
    ) -> None:
        if not isinstance(model, PreTrainedModel):
            has_adapters = isinstance(getattr(model, "base_model", None), LoraModel)
            instead = "; use its add_adapter(), or get_base_model()" if has_adapters else ""
            raise InputError(f"model: expected a model of trustformers, found {type(model).__name__}{instead}")
        model._refuse_inside("get_peft_model()")
        self.model = model
        adapters = model._adapters or Adapters(model)
        if adapter_name in adapters.configs:
            logger.warning("the model has an adapter %r already, which is replaced", adapter_name)
            adapters = Adapters(model)
        # An adapter that does not fit leaves the model as it is.
        adapters.add(adapter_name, lora_config(config), is_loaded=is_loaded)
        model._adapters = adapters

    @property
    def adapters(self) -> Adapters:
        """The adapters of the base model.

        Raises
        ------
        InputError
            They were merged or removed.
        """
        found = self.model._adapters
        if found is None:
            raise _NoAdapters(
                "the model has no adapters any more: they were merged or unloaded; use what that returned"
            )
        return found

    @property
    def peft_config(self) -> dict[str, LoraConfig]:
        """The configurations by the adapter's name."""
        return self.adapters.configs

    @property
    def active_adapters(self) -> list[str]:
        """Names of the adapters that are used."""
        return list(self.adapters.active)

    @property
    def active_adapter(self) -> str | list[str]:
        """The name of the adapter that is used, or several."""
        names = self.active_adapters
        return names[0] if len(names) == 1 else names

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the base model, whose modules have the adapters."""
        return self.model(*args, **kwargs)

    forward = __call__

    def __getattr__(self, name: str) -> Any:
        if name == "model" or name.startswith("__"):
            raise AttributeError(name)
        if name in vars(LoraModel):
            # Python looks here for a property that raised, whose error says more.
            return self.__getattribute__("adapters")
        return getattr(self.model, name)

    def set_adapter(self, adapter_name: str | list[str], inference_mode: bool = False) -> None:
        """Uses one or several adapters, whose updates add up, and no others.

        Parameters
        ----------
        adapter_name
            The name, or names.
        inference_mode
            Whether the adapters require no gradients.

        Raises
        ------
        InputError
            There is no such adapter.
        """
        names = list(adapter_name) if isinstance(adapter_name, (list, tuple)) else [adapter_name]
        self.adapters.activate(names, requires_grad=not inference_mode)

    def set_requires_grad(self, adapter_names: str | list[str], requires_grad: bool = True) -> None:
        """Changes whether the tensors of adapters require gradients."""
        for name in [adapter_names] if isinstance(adapter_names, str) else adapter_names:
            self.adapters.check(name)
            self.adapters.set_requires_grad(name, requires_grad)

    def enable_adapter_layers(self) -> None:
        """Uses the active adapters again."""
        self.adapters.is_enabled = True

    def disable_adapter_layers(self) -> None:
        """Computes what the base model computes."""
        self.adapters.is_enabled = False

    def delete_adapter(self, adapter_name: str) -> None:
        """Removes an adapter."""
        self.adapters.delete(adapter_name)

    def add_weighted_adapter(
        self,
        adapters: list[str],
        weights: list[float],
        adapter_name: str,
        combination_type: str = "svd",
        svd_rank: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Adds an adapter whose updates are sums of those of others; it is not used before `set_adapter`.

        Parameters
        ----------
        adapters, weights
            Names of the others, and what their updates are multiplied by.
        adapter_name
            The name of the new adapter.
        combination_type
            "svd", the nearest update of its rank; "cat", the sum itself, whose rank is the sum of the ranks; or
            "linear", the product of the sums of the factors.
        svd_rank
            The rank with "svd", by default the largest of the others.
        **kwargs
            Options of PEFT for other kinds, which raise.

        Raises
        ------
        InputError
            There is no such adapter, there is one of the new name, or ranks do not fit.
        UnsupportedError
            The kind is not supported, or an adapter has more than low-rank updates.
        """
        for name, value in kwargs.items():
            if combination_type in KINDS and value is not None and name not in _WITHOUT_EFFECT:
                raise UnsupportedError(f"not supported: {name} of add_weighted_adapter(); leave it out")
        if len(adapters) != len(weights):
            raise InputError(f"weights: expected one of each of {len(adapters)} adapters, found {len(weights)}")
        parts = list(zip(adapters, weights, strict=True))
        add_weighted(self.adapters, adapter_name, parts, combination_type, svd_rank)

    merge_adapter: Callable[..., Any] = unsupported("merge_adapter", _MERGING)
    unmerge_adapter: Callable[..., Any] = unsupported("unmerge_adapter", _MERGING)

    def merge_and_unload(
        self, progressbar: bool = False, safe_merge: bool = False, adapter_names: list[str] | None = None
    ) -> PreTrainedModel:
        """The base model with the updates added to its weights, and without adapters.

        Parameters
        ----------
        progressbar
            Without effect.
        safe_merge
            Whether a weight that is not finite afterwards is an error, which leaves the model as it is.
        adapter_names
            The adapters to merge, by default the active ones.

        Raises
        ------
        InputError
            There is no such adapter, or `safe_merge` finds a weight that is not finite.
        UnsupportedError
            The weights of the checkpoint are quantized.
        """
        names = self.active_adapters if adapter_names is None else list(adapter_names)
        for name in names:
            self.adapters.check(name)
        return self._unloaded(self._merged(names, is_checked=safe_merge) | self._saved(names))

    def unload(self) -> PreTrainedModel:
        """The base model without adapters; modules that an adapter trained as a whole are its own."""
        return self._unloaded(self._saved(self.active_adapters))

    def _merged(self, names: list[str], *, is_checked: bool) -> dict[str, Tensor]:
        """The weights with the updates of adapters."""
        native, adapters = self.model._plain_native, self.adapters
        merged: dict[str, Tensor] = {}
        for name in names:
            for layer in adapters.layers[name]:
                weight = merged.get(layer.weight)
                if weight is None:
                    weight = native.weights(layer.weight)[layer.weight]
                found = merged[layer.weight] = layer.merged(weight, adapters.tensors)
                if is_checked and not np.isfinite(found.float().numpy()).all():
                    raise InputError(f"adapter_names: {layer.module} is not finite with {name!r}, which seems broken")
        return merged

    def _saved(self, names: list[str]) -> dict[str, Tensor]:
        """The weights of the modules that adapters train as a whole."""
        adapters = self.adapters
        return {
            weight: adapters.tensors[own].detach() for name in names for own, weight in adapters.saved[name].items()
        }

    def _unloaded(self, weights: dict[str, Tensor]) -> PreTrainedModel:
        model = self.model
        if weights:
            model.load_state_dict(weights, strict=False)
        self.adapters.changed()
        model._adapters = None
        return model
