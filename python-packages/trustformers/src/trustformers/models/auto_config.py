"""Chooses a configuration's class by its `model_type`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from trustformers import _native
from trustformers._checks.arguments import flag
from trustformers.errors import ConfigError, InputError
from trustformers.models.configuration import PreTrainedConfig, config_class_of, read_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REGISTERED", "AutoConfig", "config_class", "read_config"]

# Classes of one's own, by model type.
REGISTERED: dict[str, type[PreTrainedConfig]] = {}


def config_class(model_type: str) -> type[PreTrainedConfig]:
    """The class of a family's configurations, or the class that is registered for the type.

    Raises
    ------
    ConfigError
        There is no such family.
    """
    return REGISTERED.get(model_type) or config_class_of(model_type)


def read_config(name: str, directory: str) -> PreTrainedConfig:
    """The configuration of a directory, or of a GGUF file.

    Raises
    ------
    ConfigError
        The file is missing or damaged, or its `model_type` is not known.
    WeightsError, UnsupportedError
        The GGUF file is damaged, or its architecture is not known.
    """
    if Path(directory).suffix == ".gguf":
        keys, file = _native.gguf_config(directory), directory
    else:
        keys, file = read_keys(directory), str(Path(directory) / "config.json")
    config: PreTrainedConfig = _of_keys(keys, file, {"name_or_path": name})
    return config


def _of_keys(keys: Mapping[str, Any], file: str, further: Mapping[str, Any]) -> Any:
    """The configuration of a file's keys, and of further ones."""
    model_type = keys.get("model_type")
    if model_type not in REGISTERED and model_type not in _native.model_types():
        known = ", ".join((*_native.model_types(), *REGISTERED))
        found = keys.get("model_type", "missing")
        raise ConfigError(f'{file}: key "model_type" is "{found}", expected one of: {known}')
    try:
        return config_class(model_type).from_dict(keys, **further)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{file}: {error}") from None


class AutoConfig:
    """Loads a model's configuration."""

    def __init__(self) -> None:
        raise TypeError("AutoConfig is made with AutoConfig.from_pretrained(name_or_path)")

    @overload
    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str],
        *,
        return_unused_kwargs: Literal[True],
        strict_config: bool = False,
        **kwargs: Any,
    ) -> tuple[PreTrainedConfig, dict[str, Any]]: ...

    @overload
    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str],
        *,
        return_unused_kwargs: Literal[False] = False,
        strict_config: bool = False,
        **kwargs: Any,
    ) -> PreTrainedConfig: ...

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | os.PathLike[str], *, strict_config: bool = False, **kwargs: Any
    ) -> Any:
        """Loads `config.json`, or the metadata of a GGUF file, from a directory or a hub repository.

        Parameters
        ----------
        pretrained_model_name_or_path
            A directory, a hub repository or a file.
        strict_config
            Whether unknown keys are an error; `TRUSTFORMERS_STRICT_CONFIG=1` makes them one in every call.
        **kwargs
            Options of the hub, as of `PreTrainedConfig.get_config_dict`, and keys that replace those of the file. With
            `return_unused_kwargs=True` the result is a pair, with the arguments that are no keys.

        Raises
        ------
        ConfigError
            The file is missing or damaged, its `model_type` is not known, or it has keys that `strict_config` refuses.
        HubError
            The repository or the file is not available.
        WeightsError, UnsupportedError
            The GGUF file is damaged, or its architecture is not known.
        """
        name = os.fspath(pretrained_model_name_or_path)
        keys, file, further = PreTrainedConfig._read(name, kwargs)
        is_strict = flag("strict_config", strict_config)
        is_family = keys.get("model_type") in _native.model_types() and not file.endswith(".gguf")
        if is_family and (is_strict or "TRUSTFORMERS_STRICT_CONFIG" in os.environ):
            _native.check_config(file, keys, is_strict)
        return _of_keys(keys, file, {"name_or_path": name, **further})

    @staticmethod
    def register(model_type: str, config: type[PreTrainedConfig], exist_ok: bool = False) -> None:
        """Makes a class known, whose configurations `from_pretrained` gives; `AutoModel.register` knows their models.

        Raises
        ------
        InputError
            The class has another `model_type`, or the name is taken.
        """
        if config.model_type != model_type:
            raise InputError(f'model_type: {config.__name__} has "{config.model_type}", found "{model_type}"')
        if model_type in _native.model_types() and not exist_ok:
            raise InputError(f'model_type: "{model_type}" is a family of trustformers; choose another name')
        REGISTERED[model_type] = config

    @classmethod
    def for_model(cls, model_type: str, *args: Any, **kwargs: Any) -> Any:
        """The default configuration of a family, overridden by `kwargs`."""
        return config_class(model_type)(*args, **kwargs)
