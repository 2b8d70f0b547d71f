"""Model configurations."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from trustformers._backend import native
from trustformers.errors import ConfigError, IoError

__all__ = ["AutoConfig", "PreTrainedConfig"]


class PreTrainedConfig:
    """The keys of a `config.json` as attributes."""

    def __init__(self, **keys: Any) -> None:
        self.__dict__.update(keys)

    def to_dict(self) -> dict[str, Any]:
        """The keys, as they stand in `config.json`."""
        return {key: value for key, value in self.__dict__.items() if key != "name_or_path"}

    def to_json_string(self) -> str:
        """The text of `config.json`."""
        return json.dumps(self.to_dict(), indent=2, sort_keys=True) + "\n"

    def save_pretrained(self, save_directory: str | os.PathLike[str]) -> None:
        """Writes `config.json` into a directory, which is made if it is not there."""
        file = Path(save_directory) / "config.json"
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.to_json_string(), encoding="utf-8")
        except OSError as error:
            raise IoError(f"{file}: {error.strerror}") from error

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the configuration has no key {name!r}")

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, PreTrainedConfig) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # keys can be assigned

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.to_json_string()}"


class AutoConfig:
    """Reads a model's configuration."""

    def __init__(self) -> None:
        raise TypeError("AutoConfig is made with AutoConfig.from_pretrained(name_or_path)")

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str],
        *,
        revision: str | None = None,
        token: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        local_files_only: bool = False,
        **kwargs: Any,
    ) -> PreTrainedConfig:
        """Reads `config.json` of a directory or a hub repository.

        Parameters
        ----------
        pretrained_model_name_or_path
            A directory or a repository's name.
        revision, token, cache_dir, local_files_only
            How to use the hub.
        **kwargs
            Keys that replace those of the file.

        Raises
        ------
        ConfigError
            The file is missing or damaged, or its `model_type` is not known.
        HubError
            The repository or its file cannot be had.
        """
        name = os.fspath(pretrained_model_name_or_path)
        directory = native.resolve(name, "config", revision, token, cache_dir, local_files_only)
        file = Path(directory) / "config.json"
        try:
            keys = json.loads(file.read_bytes())
        except FileNotFoundError:
            raise ConfigError(f"{file}: there is no such file; a model directory holds config.json") from None
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{file}: not valid JSON: {error}") from None
        except OSError as error:
            raise IoError(f"{file}: {error.strerror}") from error
        if not isinstance(keys, dict):
            raise ConfigError(f"{file}: the top level is not a JSON object")
        known = native.model_types()
        if keys.get("model_type") not in known:
            found = keys.get("model_type", "missing")
            raise ConfigError(f'{file}: key "model_type" is "{found}", expected one of: {", ".join(known)}')
        return PreTrainedConfig(**{**keys, **kwargs}, name_or_path=name)
