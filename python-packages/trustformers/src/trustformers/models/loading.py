"""Where models are loaded from, the keys that a load overrides, and what it warns of."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers._checks.pretrained import supported
from trustformers.errors import TrustformersError
from trustformers.models.auto_config import read_config
from trustformers.peft.files import adapter_base

if TYPE_CHECKING:
    from trustformers._checks.loading import LoadOptions
    from trustformers.models.configuration import PreTrainedConfig

__all__ = ["config_overrides", "resolved", "warn_of_weights"]

logger: logging.Logger = logging.getLogger("trustformers")

# Keys that `config_overrides` leaves out: the dtype is an argument, and whether there are two stacks is the family's.
_NOT_OVERRIDDEN = frozenset({"dtype", "is_encoder_decoder"})


def resolved(
    name: str, place: dict[str, Any], shared: dict[str, Any], options: LoadOptions
) -> tuple[str, str, str | None]:
    """The name and the directory of a model, and the adapter that is to be added to it.

    Parameters
    ----------
    name
        A directory or a repository, of a model or of an adapter.
    place
        The `revision` and the `subfolder`, which are not those of an adapter's base model.
    shared
        Other options of the hub.
    options
        What is loaded.
    """

    def directory_of(name: str, place: dict[str, Any]) -> str:
        found = _native.resolve(
            name,
            "model",
            gguf_file=options.gguf_file,
            variant=options.variant,
            use_safetensors=options.use_safetensors,
            **place,
            **shared,
        )
        return str(found)

    base = adapter_base(name, **place, **shared) if os.path.isdir(name) else None
    if base is None:
        try:
            return name, directory_of(name, place), None
        except TrustformersError:
            base = None if os.path.isdir(name) else adapter_base(name, **place, **shared)
            if base is None:
                raise
    return base, directory_of(base, {}), name


def config_overrides(
    name: str, directory: str, config: PreTrainedConfig | None, keys: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The keys that `config` and further arguments of `from_pretrained` override; None without any.

    Raises
    ------
    TypeError
        A name is neither a key of the configuration nor an argument of `from_pretrained`.
    UnsupportedError
        An argument of `from_pretrained` is not supported.
    """
    keys = supported(keys)
    if config is None and not keys:
        return None
    changed = read_config(name, directory) if config is None else type(config)(**config.to_dict())
    if unknown := sorted(key for key in keys if not hasattr(changed, key)):
        raise TypeError(f"from_pretrained() got unexpected keyword arguments: {', '.join(unknown)}")
    for key, value in keys.items():
        setattr(changed, key, value)
    return {key: value for key, value in changed.to_dict().items() if key not in _NOT_OVERRIDDEN}


def warn_of_weights(class_name: str, name: str, directory: str, native: _native.Model) -> None:
    """Warns of weights that were not used or not there, and of an adapter that is not loaded."""
    if (Path(directory) / "adapter_config.json").is_file():
        logger.warning(
            "%s: adapter_config.json is ignored: there is no adapter_model.safetensors, and this is the base model",
            name,
        )
    if native.unknown_config_keys:
        logger.debug("%s: unknown keys of the configuration: %s", name, ", ".join(native.unknown_config_keys))
    if native.unused_weights:
        logger.warning(
            "%s: weights that are not parameters of the model were not used: %s",
            name,
            ", ".join(native.unused_weights),
        )
    initialized = [*native.missing_weights]
    for weight, found, expected in native.mismatched_weights:
        initialized.append(f"{weight} (shape {found} in the checkpoint, {expected} in the model)")
    if initialized:
        logger.warning(
            "%s: weights of %s that are not in the checkpoint are newly initialized; train the model to use them: %s",
            name,
            class_name,
            ", ".join(initialized),
        )
