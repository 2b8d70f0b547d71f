"""Generation settings: the keys of `generation_config.json`."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from trustformers import _native
from trustformers.errors import ConfigError, InputError, IoError

if TYPE_CHECKING:
    from typing_extensions import Self

    from trustformers.models.configuration import PreTrainedConfig

__all__ = ["GenerationConfig"]

logger: logging.Logger = logging.getLogger("trustformers")

FILE = "generation_config.json"


@cache
def known_keys() -> frozenset[str]:
    """The keys that `generate` supports."""
    return frozenset(_native.generation_config_keys())


class GenerationConfig:
    """The arguments of `generate` as attributes; None for arguments that are not set.

    Parameters
    ----------
    **kwargs
        Keys of `generation_config.json`; unknown keys are kept without effect.

    Raises
    ------
    InputError
        A value does not have its key's type, or two values contradict each other.

    Examples
    --------
    >>> from trustformers import GenerationConfig
    >>> GenerationConfig(max_new_tokens=20, do_sample=True, temperature=0.7).temperature
    0.7
    """

    def __init__(self, **kwargs: Any) -> None:
        keys = {key: value for key, value in kwargs.items() if value is not None}
        self.__dict__.update(_native.generation_config(keys))
        self.validate()

    def __getattr__(self, name: str) -> Any:
        if name in known_keys():
            return None
        raise AttributeError(f"the generation configuration has no key {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if value is None:
            self.__dict__.pop(name, None)
            return
        self.__dict__.update(_native.generation_config({name: value}))

    def validate(self, strict: bool = False) -> None:
        """Rejects values that contradict each other, and warns once about keys that have no effect.

        Parameters
        ----------
        strict
            Whether to reject keys that have no effect, too.

        Raises
        ------
        InputError
            Values contradict each other, or with `strict` a key has no effect; the message names the keys.
        """
        issues = _native.generation_config_issues(self.to_dict())
        if strict and issues:
            raise InputError("generation_config: " + "; ".join(f"{key} {message}" for key, message in issues))
        warn_of(issues)

    def update(self, **kwargs: Any) -> dict[str, Any]:
        """Sets known keys and returns the others."""
        unused = {key: value for key, value in kwargs.items() if key not in known_keys() and key not in self.__dict__}
        for key, value in kwargs.items():
            if key not in unused:
                setattr(self, key, value)
        self.validate()
        return unused

    def to_dict(self) -> dict[str, Any]:
        """The keys that are set."""
        return dict(self.__dict__)

    def to_diff_dict(self) -> dict[str, Any]:
        """The keys that are set; there are no default values to compare with."""
        return self.to_dict()

    def to_json_string(self, use_diff: bool = True) -> str:
        """The text of `generation_config.json`."""
        return json.dumps(self.to_dict(), indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_dict(cls, config_dict: Mapping[str, Any], **kwargs: Any) -> Self:
        """A configuration of the given keys, overridden by `kwargs`."""
        return cls(**{**config_dict, **kwargs})

    @classmethod
    def from_model_config(cls, model_config: PreTrainedConfig) -> Self:
        """The generation settings in a model's `config.json`."""
        return cls(**_native.generation_config_of_model(model_config.to_dict()))

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name: str | os.PathLike[str],
        *,
        revision: str | None = None,
        token: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        local_files_only: bool = False,
        subfolder: str = "",
        **kwargs: Any,
    ) -> Self:
        """Loads `generation_config.json` from a directory or a hub repository.

        Raises
        ------
        ConfigError
            The file is missing or damaged.
        HubError
            The repository is not available.
        """
        name = os.fspath(pretrained_model_name)
        directory = _native.resolve(name, "config", revision, token, cache_dir, local_files_only, subfolder=subfolder)
        return cls(**{**_native.read_generation_config(Path(str(directory)) / FILE), **kwargs})

    def save_pretrained(self, save_directory: str | os.PathLike[str]) -> None:
        """Writes `generation_config.json` into a directory, which is created if needed."""
        file = Path(save_directory) / FILE
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.to_json_string(), encoding="utf-8")
        except OSError as error:
            raise IoError(f"{file}: {error.strerror}") from error

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if isinstance(other, GenerationConfig) else NotImplemented

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # keys can be assigned

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.to_json_string()}"


def load_generation_config(directory: str, config: PreTrainedConfig) -> GenerationConfig:
    """The `generation_config.json` of a model, or else the generation settings in its `config.json`."""
    file = Path(directory) / FILE
    if directory and file.is_file():
        try:
            return GenerationConfig(**_native.read_generation_config(file))
        except ConfigError as error:
            # A damaged file does not keep a model from loading, as in transformers.
            logger.warning("%s; using the generation settings of config.json", error)
    return GenerationConfig.from_model_config(config)


def keys_of(config: GenerationConfig | Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a configuration of this package or of transformers, or of a mapping.

    Raises
    ------
    InputError
        `config` is neither a configuration nor a mapping.
    """
    if isinstance(config, Mapping):
        return dict(config)
    if not callable(getattr(config, "to_dict", None)):
        raise InputError(f"generation_config: expected a GenerationConfig or a dict, found {type(config).__name__}")
    return dict(config.to_dict())


def warn_of(issues: Iterable[tuple[str, str]]) -> None:
    """Warns about keys that have no effect, once per process for each key."""
    for key, message in issues:
        _warn_once(key, message)


@cache
def _warn_once(key: str, message: str) -> None:
    logger.warning("generation_config: %s %s", key, message)
