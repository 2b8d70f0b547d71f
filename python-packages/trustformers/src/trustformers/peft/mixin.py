"""Methods of models around adapters, as those of transformers' `PreTrainedModel`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustformers._checks.tensors import readable_weight
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.base_model import BaseModelMixin
from trustformers.models.weights import IncompatibleKeys
from trustformers.peft.adapters import Adapters
from trustformers.peft.config import PeftConfig, lora_config
from trustformers.peft.files import (
    HUB,
    adapter_state,
    load_adapter_state,
    load_parameters,
    read_adapter,
    warn_of_keys,
    write_adapter,
)
from trustformers.peft.modules import AdaptedModule, module_tree

if TYPE_CHECKING:
    from trustformers._native import Tensor
    from trustformers.peft.config import LoraConfig

__all__ = ["PeftAdapterMixin"]


class PeftAdapterMixin(BaseModelMixin):
    """Adapters that a model has itself, without a `PeftModel` around it.

    The model's parameters are then those of the adapters too, with PEFT's names.
    """

    _hf_peft_config_loaded: bool = False

    @property
    def peft_config(self) -> dict[str, LoraConfig]:
        """The configurations of the model's adapters by name.

        Raises
        ------
        AttributeError
            The model has no adapters.
        """
        if self._whole._adapters is None:
            raise AttributeError(f"{type(self).__name__} has no attribute 'peft_config': it has no adapters")
        return self._whole._adapters.configs  # type: ignore[no-any-return]  # of the model around it

    def add_adapter(self, adapter_config: Any, adapter_name: str | None = None) -> None:
        """Adds an adapter with initial values and uses it; only its weights require gradients.

        Parameters
        ----------
        adapter_config
            A `LoraConfig`, also one of `peft`.
        adapter_name
            The name, by default "default".

        Raises
        ------
        InputError
            There is such an adapter, or the configuration fits no module; the message lists the modules.
        UnsupportedError
            An option is not supported.
        """
        name, config = adapter_name or "default", lora_config(adapter_config)
        config.base_model_name_or_path = getattr(self, "name_or_path", None) or None
        self._add(name, config)
        self.set_adapter(name)

    def load_adapter(  # noqa: PLR0917  # the signature of transformers
        self,
        peft_model_id: str | os.PathLike[str] | None = None,
        adapter_name: str | None = None,
        peft_config: Any = None,
        adapter_state_dict: Mapping[str, Any] | None = None,
        low_cpu_mem_usage: bool = False,
        is_trainable: bool = False,
        hotswap: bool | str = "auto",
        local_files_only: bool = False,
        adapter_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> IncompatibleKeys:
        """Adds the adapter of a directory or a hub repository, and uses it and no others.

        Parameters
        ----------
        peft_model_id
            The directory or the repository.
        adapter_name
            The name, by default "default".
        peft_config, adapter_state_dict
            The configuration and the tensors, in place of those of the files.
        low_cpu_mem_usage
            Without effect.
        is_trainable
            Whether the adapter's weights require gradients.
        hotswap
            True replaces the weights of the adapter of this name.
        local_files_only, adapter_kwargs, **kwargs
            Options of the hub, such as `revision`.

        Raises
        ------
        InputError
            There is such an adapter, or an argument is missing.
        WeightsError
            A tensor does not fit the model.
        """
        name = adapter_name or "default"
        options = {**kwargs, **(adapter_kwargs or {}), "local_files_only": local_files_only}
        hub = {key: options[key] for key in HUB if options.get(key)}
        if peft_model_id is None and (peft_config is None or adapter_state_dict is None):
            raise InputError("peft_model_id: missing; pass it, or peft_config and adapter_state_dict")
        is_swapped = hotswap is True
        if is_swapped:
            self._checked([name])
        else:
            given: Any = PeftConfig.from_pretrained(peft_model_id or "", **hub) if peft_config is None else peft_config
            config = lora_config(given)
            config.inference_mode = not is_trainable
            self._add(name, config, is_loaded=True)
        adapters = self._known
        source = "adapter_state_dict" if peft_model_id is None else os.fspath(peft_model_id)
        try:
            if adapter_state_dict is None:
                state = read_adapter(peft_model_id or "", **hub)
            else:
                state = {key: readable_weight(key, weight) for key, weight in adapter_state_dict.items()}
            keys = load_adapter_state(adapters, name, state, source)
        except BaseException:
            if not is_swapped:
                self.delete_adapter(name)
            raise
        warn_of_keys(keys, source)
        if not is_swapped:
            adapters.activate([name], requires_grad=is_trainable)
            if not is_trainable:
                self.eval()
        return keys

    def set_adapter(self, adapter_name: list[str] | str) -> None:
        """Uses one or several adapters, whose weights require gradients, and no others.

        Raises
        ------
        InputError
            There is no such adapter.
        """
        names = list(adapter_name) if isinstance(adapter_name, (list, tuple)) else [adapter_name]
        self._checked(names).activate(names, requires_grad=True)

    def disable_adapters(self) -> None:
        """Computes what the model computes without adapters."""
        self._known.is_enabled = False

    def enable_adapters(self) -> None:
        """Uses the active adapters again."""
        self._known.is_enabled = True

    def active_adapters(self) -> list[str]:
        """Names of the adapters that are used."""
        return list(self._known.active)

    def delete_adapter(self, adapter_names: list[str] | str) -> None:
        """Removes adapters.

        Raises
        ------
        InputError
            There is no such adapter.
        """
        names = [adapter_names] if isinstance(adapter_names, str) else list(adapter_names)
        adapters = self._checked(names)
        for name in names:
            adapters.delete(name)
        if not adapters.configs:
            self._adapters, self._hf_peft_config_loaded = None, False

    def get_adapter_state_dict(
        self, adapter_name: str | None = None, state_dict: Mapping[str, Any] | None = None
    ) -> dict[str, Tensor]:
        """The tensors of an adapter, by default the active one, by the names of modules without adapters' names."""
        if state_dict is not None:
            raise UnsupportedError("not supported: state_dict of get_adapter_state_dict(); leave it out")
        adapters = self._known
        state = adapter_state(adapters, adapter_name or adapters.active[0])
        return {name.removeprefix("base_model.model."): tensor for name, tensor in state.items()}

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
        found = super().named_parameters(prefix, recurse, remove_duplicate)
        if self._owner is not None or not self._hf_peft_config_loaded or not recurse:
            return found
        adapted = module_tree(self._known).model.named_parameters(prefix)
        if not remove_duplicate:
            return adapted  # type: ignore[no-any-return]  # an attribute by name
        listed: dict[int, tuple[str, Tensor]] = {}
        for name, tensor in adapted:
            listed.setdefault(id(tensor), (name, tensor))
        return iter(listed.values())

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Replaces the parameters with copies of tensors, by the names of `state_dict()`; see `WeightsMixin`."""
        adapters = self._adapters
        is_plain = isinstance(state_dict, Mapping) and not state_dict.keys() - self._whole._tree.weights.keys()
        if adapters is None or not self._hf_peft_config_loaded or is_plain:
            return super().load_state_dict(state_dict, strict, assign)
        names = [name for name, _ in self.named_parameters()]
        base, missing, unexpected = load_parameters(adapters, state_dict, names, strict=strict)
        if base:
            super().load_state_dict(base, strict=False)
        return IncompatibleKeys(missing, unexpected)

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """Names and modules of the modules directly inside."""
        if self._owner is not None or not self._hf_peft_config_loaded:
            return super().named_children()
        return module_tree(self._known).model.named_children()  # type: ignore[no-any-return]  # an attribute by name

    def _adapted_attribute(self, path: str, name: str) -> Any:
        """What adapters add to a module, such as `lora_A`; `NotImplemented` if it is nothing of this name."""
        if self._adapters is None:
            return NotImplemented
        found: Any = module_tree(self._adapters).model
        for part in path.split("."):
            found = getattr(found, part)
        return found.of_adapters(name) if isinstance(found, AdaptedModule) else NotImplemented

    def _add(self, name: str, config: LoraConfig, *, is_loaded: bool = False) -> None:
        self._refuse_inside("add_adapter()")
        adapters = self._adapters or Adapters(self)
        adapters.add(name, config, is_loaded=is_loaded)
        self._adapters, self._hf_peft_config_loaded = adapters, True

    @property
    def _known(self) -> Adapters:
        """The adapters.

        Raises
        ------
        InputError
            There are none.
        """
        found = self._whole._adapters
        if found is None:
            raise InputError("the model has no adapters; call add_adapter() or load_adapter() first")
        return found  # type: ignore[no-any-return]  # of the model around it

    def _checked(self, names: list[str]) -> Adapters:
        adapters = self._known
        for name in names:
            adapters.check(name)
        return adapters

    def _save_adapter(self, save_directory: str | os.PathLike[str]) -> None:
        """Writes the files of the adapter that is used."""
        adapters = self._known
        if len(adapters.active) > 1:
            raise UnsupportedError(
                "not supported: saving several adapters that are used at once; call set_adapter() and "
                "save_pretrained() for each"
            )
        name, directory = adapters.active[0], Path(save_directory)
        write_adapter(adapter_state(adapters, name), directory)
        adapters.configs[name].save_pretrained(directory)
