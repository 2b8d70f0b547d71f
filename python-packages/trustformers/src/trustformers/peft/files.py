"""The files of adapters: `adapter_model.safetensors` with PEFT's keys."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustformers._checks.tensors import readable_weight
from trustformers.errors import ConfigError, HubError, TrustformersError, UnsupportedError, WeightsError
from trustformers.models.auto_config import AutoConfig
from trustformers.models.tree import leaves
from trustformers.models.weights import IncompatibleKeys
from trustformers.peft.adapters import parameter_names
from trustformers.peft.config import PeftConfig
from trustformers.safetensors import load_file, save_file
from trustformers.utils.hub_files import (
    ADAPTER_CONFIG_NAME,
    ADAPTER_SAFE_WEIGHTS_NAME,
    ADAPTER_WEIGHTS_NAME,
    CONFIG_NAME,
    cached_file,
    find_adapter_config_file,
    has_file,
)

if TYPE_CHECKING:
    from trustformers._native import Tensor
    from trustformers.peft.adapters import Adapters

__all__ = [
    "HUB",
    "PREFIX",
    "adapter_base",
    "adapter_state",
    "load_adapter_state",
    "load_parameters",
    "read_adapter",
    "warn_of_keys",
    "write_adapter",
]

logger: logging.Logger = logging.getLogger("trustformers")

# Options of the hub among the arguments that load an adapter.
HUB = ("subfolder", "revision", "token", "cache_dir", "local_files_only")

# What the names of an adapted model's parameters begin with.
PREFIX = "base_model.model."
# What shows whether a directory holds an adapter or a model.
_FILES = (ADAPTER_CONFIG_NAME, ADAPTER_SAFE_WEIGHTS_NAME, CONFIG_NAME)
# The embeddings that are written with an adapter of theirs.
_EMBEDDINGS = ("embed_tokens", "lm_head")


def read_adapter(source: str | os.PathLike[str], **hub: Any) -> dict[str, Tensor]:
    """The tensors of `adapter_model.safetensors` of a directory or a hub repository, by PEFT's keys.

    Raises
    ------
    HubError
        There is no such file.
    UnsupportedError
        There is only `adapter_model.bin`.
    WeightsError
        The file is damaged.
    """
    try:
        path = cached_file(source, ADAPTER_SAFE_WEIGHTS_NAME, **hub)
    except HubError:
        _check_format(source, hub)
        raise
    return load_file(path or "")


def _check_format(source: str | os.PathLike[str], hub: Mapping[str, Any]) -> None:
    """Raises `UnsupportedError` if an adapter was saved by an early version of PEFT."""
    if has_file(source, ADAPTER_WEIGHTS_NAME, **hub):
        raise UnsupportedError(
            f"not supported: {ADAPTER_WEIGHTS_NAME} of {os.fspath(source)}; save the adapter as safetensors, "
            "peft.PeftModel.from_pretrained(...).save_pretrained(directory), and load the directory"
        ) from None


def write_adapter(state: dict[str, Tensor], directory: Path) -> None:
    """Writes the tensors of an adapter into a directory, which is created if needed."""
    directory.mkdir(parents=True, exist_ok=True)
    save_file(state, directory / ADAPTER_SAFE_WEIGHTS_NAME, {"format": "pt"})


def warn_of_keys(keys: IncompatibleKeys, source: str) -> None:
    """Warns of an adapter's tensors that `source` does not have, and of those of `source` that the adapter does not."""
    for found, what in (
        (keys.missing_keys, "not there, and have initial values"),
        (keys.unexpected_keys, "not used"),
    ):
        if found:
            logger.warning("%s: weights of the adapter are %s: %s", source, what, ", ".join(found))


def adapter_base(source: str, **hub: Any) -> str | None:
    """The base model of the adapter in a directory or a hub repository; None if there is no adapter.

    Raises
    ------
    ConfigError
        The adapter's configuration is damaged, or names no base model.
    HubError, UnsupportedError
        There is no model, and of the adapter only the configuration, or weights that are no safetensors.
    """
    folder = os.path.join(source, hub.get("subfolder") or "")
    files = {name for name in _FILES if os.path.isfile(os.path.join(folder, name))}
    if os.path.isdir(source) and ADAPTER_SAFE_WEIGHTS_NAME not in files:
        if files == {ADAPTER_CONFIG_NAME}:
            _check_format(source, hub)
            raise HubError(f"{source}: no file {ADAPTER_SAFE_WEIGHTS_NAME}")
        return None
    if find_adapter_config_file(source, **hub) is None:
        return None
    base = PeftConfig.from_pretrained(source, **hub).base_model_name_or_path
    if not base:
        raise ConfigError(
            f"{folder}: base_model_name_or_path of {ADAPTER_CONFIG_NAME} is missing; load the base model, and call "
            "load_adapter() of it"
        )
    return base


def adapter_state(adapters: Adapters, name: str, *, save_embedding_layers: bool | str = "auto") -> dict[str, Tensor]:
    """The tensors of an adapter by PEFT's keys, which do not have the adapter's name.

    Parameters
    ----------
    adapters
        The adapters.
    name
        The adapter's name.
    save_embedding_layers
        Whether the base model's embeddings of tokens and output layer are among them; "auto" adds those that have the
        adapter, and both if the model has another number of tokens than the base model's files.
    """
    adapters.check(name)
    model = adapters.model
    found = {f"{PREFIX}{_stored(own, name)}": adapters.tensors[own].detach() for own in adapters.names(name)}
    wanted = set(adapters.biases(name))
    targets = adapters.configs[name].target_modules
    is_targeted = isinstance(targets, set) and not targets.isdisjoint(_EMBEDDINGS)
    if save_embedding_layers == "auto":
        save_embedding_layers = is_targeted or _is_resized(adapters, name)
    tables: set[str | None] = set()
    if save_embedding_layers:
        tables = {model._structure.input_embeddings.removesuffix(".weight"), model._tree.output}
        if is_targeted:
            tables &= {layer.module for layer in adapters.layers[name]}
    names = {
        path: own
        for path, own, _ in parameter_names(adapters, leaves(model._tree.root))
        if own is not None and (own in wanted or _plain(path).rpartition(".")[0] in tables)
    }
    weights = model._parameters.tensors(names.values())
    return found | {f"{PREFIX}{path}": weights[own].detach() for path, own in names.items()}


def load_adapter_state(adapters: Adapters, name: str, state: dict[str, Tensor], source: str) -> IncompatibleKeys:
    """Loads tensors by PEFT's keys into an adapter, and those of the base model into that.

    Returns
    -------
    IncompatibleKeys
        Names of the adapter's tensors that are missing, and keys that are no tensors of the model.

    Raises
    ------
    WeightsError
        A tensor has another shape than in the model; the message names it.
    """
    stored = {_stored(own, name): own for own in adapters.names(name)}
    model = adapters.model
    known = dict(leaves(model._tree.root))
    found: dict[str, Tensor] = {}
    base: dict[str, Tensor] = {}
    unexpected: list[str] = []
    for key, values in state.items():
        short = re.sub(r"\.lora_magnitude_vector\.weight$", ".lora_magnitude_vector", key.removeprefix(PREFIX))
        plain = _plain(short)
        if short in stored:
            found[stored[short]] = values
        elif plain in known:
            base[known[plain]] = values
        else:
            unexpected.append(key)
    for own, values in found.items():
        expected = tuple(adapters.tensors[own].shape)
        if tuple(values.shape) != expected:
            raise WeightsError(
                f"{source}: {PREFIX}{_stored(own, name)} is {tuple(values.shape)}, and {expected} fits the model"
                f"{_trained_for(adapters, name)}"
            )
    if base:
        model.load_state_dict(base, strict=False)
    for own, values in found.items():
        adapters.load(own, values)
    missing = [f"{PREFIX}{own}" for own in stored.values() if own not in found]
    return IncompatibleKeys(missing, unexpected)


def load_parameters(
    adapters: Adapters, state_dict: Mapping[str, Any], names: list[str], *, prefix: str = "", strict: bool = True
) -> tuple[dict[str, Tensor], list[str], list[str]]:
    """Loads tensors by PEFT's names of a model's parameters into the adapters.

    Returns
    -------
    tuple
        The tensors of the base model by their own names, the names of `names` that are missing, and unexpected ones.

    Raises
    ------
    WeightsError
        A tensor of an adapter has another shape, or `strict` and names do not match.
    """
    listed = parameter_names(adapters, leaves(adapters.model._tree.root))
    places = {f"{prefix}{path}": (weight, own) for path, weight, own in listed}
    missing = [name for name in names if name not in state_dict]
    unexpected = [name for name in state_dict if name not in places]
    if strict and (missing or unexpected):
        raise WeightsError(f"state_dict: missing {missing}, unexpected {unexpected}")
    base: dict[str, Tensor] = {}
    found: dict[str, Tensor] = {}
    for name, given in state_dict.items():
        weight, own = places.get(name, (None, ""))
        values = readable_weight(name, given)
        if weight is not None:
            base[weight] = values
        elif own:
            expected = tuple(adapters.tensors[own].shape)
            if tuple(values.shape) != expected:
                raise WeightsError(f"state_dict: {name} is {tuple(values.shape)}, and {expected} in the model")
            found[own] = values
    for own, values in found.items():
        adapters.load(own, values)
    return base, missing, unexpected


def _stored(own: str, adapter: str) -> str:
    """The name of a tensor in files."""
    if f".modules_to_save.{adapter}." in own:
        return own.replace(f".modules_to_save.{adapter}.", ".", 1)
    short = re.sub(rf"\.{re.escape(adapter)}(\.weight)?$", r"\1", own)
    return short.removesuffix(".weight") if ".lora_magnitude_vector" in short else short


def _is_resized(adapters: Adapters, name: str) -> bool:
    """Whether the model has another number of tokens than the base model that an adapter's configuration names."""
    base = adapters.configs[name].base_model_name_or_path
    try:
        return bool(base) and AutoConfig.from_pretrained(base or "", local_files_only=True).vocab_size != (
            adapters.model.config.vocab_size
        )
    except TrustformersError:
        # The model was not loaded from there, such as one of a GGUF file.
        return False


def _plain(path: str) -> str:
    """The path of a parameter without adapters."""
    return path.replace(".base_layer.", ".").replace(".original_module.", ".")


def _trained_for(adapters: Adapters, name: str) -> str:
    """What an adapter was trained for, if its configuration says it."""
    base = adapters.configs[name].base_model_name_or_path
    own = adapters.model.name_or_path
    return f"; the adapter was trained for {base}, and the model is {own}" if base and base != own else ""
