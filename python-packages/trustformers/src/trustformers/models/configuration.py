"""Model configurations."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from trustformers import _native
from trustformers._checks.arguments import flag
from trustformers.errors import ConfigError, InputError, IoError, UnsupportedError

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AutoConfig", "PreTrainedConfig", "PretrainedConfig"]


# Keys of every configuration.
_COMMON: dict[str, Any] = {
    "name_or_path": "",
    "architectures": None,
    "initializer_range": 0.02,
    "output_attentions": False,
    "output_hidden_states": False,
    "problem_type": None,
    "return_dict": True,
    "tie_word_embeddings": True,
}


class PreTrainedConfig:
    """The keys of a `config.json` as attributes; the classes of families, such as `BertConfig`, add their defaults.

    Attributes
    ----------
    model_type
        The family's name.
    attribute_map
        The family's keys by the common names of the same settings.
    """

    model_type: str = ""
    attribute_map: ClassVar[Mapping[str, str]] = {}
    _defaults: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, **keys: Any) -> None:
        given = {self.attribute_map.get(key, key): value for key, value in keys.items()}
        num_labels = given.pop("num_labels", None)
        completed = self._completed(given)
        # A null stands for the derived or default value; rope_parameters are assembled from several keys.
        kept = {key: value for key, value in given.items() if value is not None or completed.get(key) is None}
        parameters = {key: value for key, value in completed.items() if key == "rope_parameters" and value is not None}
        for key, value in {**_COMMON, **completed, **kept, **parameters}.items():
            setattr(self, key, value)
        if num_labels is not None and (given.get("id2label") is None or len(given["id2label"]) != num_labels):
            self.num_labels = num_labels
        elif given.get("id2label") is None:
            self.num_labels = 2

    def _completed(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The keys with the family's defaults, some of which depend on other keys."""
        if not self.model_type:
            return {}
        try:
            return _native.complete_config({**given, "model_type": self.model_type})
        except (ConfigError, TypeError, ValueError):
            # Loading a model of these keys reports the error, with the name of the file.
            return deepcopy(dict(self._defaults))

    @property
    def num_labels(self) -> int:
        """The number of labels of a classifier."""
        return len(self.id2label)

    @num_labels.setter
    def num_labels(self, num_labels: int) -> None:
        limit = _native.MAX_LABELS
        if isinstance(num_labels, bool) or not isinstance(num_labels, int) or not 0 <= num_labels <= limit:
            raise InputError(f"num_labels: expected a number of labels from 0 to {limit}, found {num_labels!r}")
        self.id2label: dict[int, str] = {index: f"LABEL_{index}" for index in range(num_labels)}
        self.label2id: dict[str, int] = {name: index for index, name in self.id2label.items()}

    def to_dict(self) -> dict[str, Any]:
        """The keys as in `config.json`."""
        keys = {key: value for key, value in self.__dict__.items() if key != "name_or_path"}
        return {"model_type": self.model_type, **keys} if self.model_type else keys

    def to_diff_dict(self) -> dict[str, Any]:
        """The keys whose values are not the defaults."""
        default = type(self)().to_dict() if self._defaults else {}
        return {key: value for key, value in self.to_dict().items() if key == "model_type" or default.get(key) != value}

    def to_json_string(self, use_diff: bool = False) -> str:
        """The text of `config.json`."""
        keys = self.to_diff_dict() if use_diff else self.to_dict()
        try:
            return json.dumps(keys, indent=2, sort_keys=True) + "\n"
        except TypeError as error:
            raise InputError(f"config: {error}") from None

    @classmethod
    def from_dict(cls, config_dict: Mapping[str, Any], **kwargs: Any) -> Self:
        """A configuration of the given keys, overridden by `kwargs`."""
        return cls(**{**config_dict, **kwargs})

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any) -> Self:
        """Loads `config.json` from a directory or a hub repository; see `AutoConfig.from_pretrained`."""
        config = AutoConfig.from_pretrained(pretrained_model_name_or_path, **kwargs)
        if not isinstance(config, cls):
            name = os.fspath(pretrained_model_name_or_path)
            raise InputError(f'{name}: its model_type is "{config.model_type}", which {cls.__name__} does not read')
        return config

    def save_pretrained(self, save_directory: str | os.PathLike[str]) -> None:
        """Writes `config.json` into a directory, which is created if needed."""
        file = Path(save_directory) / "config.json"
        text = self.to_json_string()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise IoError(f"{file}: {error.strerror}") from error

    def update(self, config_dict: Mapping[str, Any]) -> None:
        """Sets keys."""
        for key, value in config_dict.items():
            setattr(self, key, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "id2label" and isinstance(value, Mapping):
            try:
                value = {int(index): label for index, label in value.items()}
            except (TypeError, ValueError):
                raise InputError(f"id2label: expected the indices of labels as keys, found {list(value)}") from None
        super().__setattr__(self.attribute_map.get(name, name), value)

    def __getattr__(self, name: str) -> Any:
        if name in self.attribute_map:
            return getattr(self, self.attribute_map[name])
        raise AttributeError(f"the configuration has no key {name!r}")

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, PreTrainedConfig) else NotImplemented

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # keys can be assigned

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.to_json_string()}"


@cache
def is_decoder(model_type: str) -> bool:
    """Whether a family's models are decoders, with causal attention."""
    return any("causal_lm" in heads for known, _prefix, _aliases, heads in _native.families() if known == model_type)


@cache
def config_class_of(model_type: str) -> type[PreTrainedConfig]:
    """The class of a family's configurations."""
    for known, prefix, aliases, _heads in _native.families():
        if known == model_type:
            body = {
                "__module__": "trustformers.models.families",
                "__doc__": f"The keys of a {prefix} `config.json`.",
                "model_type": known,
                "attribute_map": aliases,
                "_defaults": _native.complete_config({"model_type": known}),
            }
            return type(f"{prefix}Config", (PreTrainedConfig,), body)
    raise ConfigError(f'key "model_type" is "{model_type}", expected one of: {", ".join(_native.model_types())}')


def read_config(name: str, directory: str) -> PreTrainedConfig:
    """The configuration of a directory, or of a GGUF file.

    Raises
    ------
    ConfigError
        The file is missing or damaged, or its `model_type` is not known.
    WeightsError, UnsupportedError
        The GGUF file is damaged, or its architecture is not known.
    """
    if Path(directory).is_file():
        keys = _native.gguf_config(directory)
        return config_class_of(keys.pop("model_type"))(**keys, name_or_path=name)
    file = Path(directory) / "config.json"
    keys = read_keys(directory)
    known = _native.model_types()
    if keys.get("model_type") not in known:
        found = keys.get("model_type", "missing")
        raise ConfigError(f'{file}: key "model_type" is "{found}", expected one of: {", ".join(known)}')
    try:
        return config_class_of(keys.pop("model_type"))(**keys, name_or_path=name)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{file}: {error}") from None


def read_keys(directory: str) -> dict[str, Any]:
    """The keys of a directory's `config.json`.

    Raises
    ------
    ConfigError
        The file is missing or damaged.
    """
    file = Path(directory) / "config.json"
    try:
        keys: Any = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file; a model directory has a config.json") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: not valid JSON: {error}") from None
    except OSError as error:
        raise IoError(f"{file}: {error.strerror}") from error
    if not isinstance(keys, dict):
        raise ConfigError(f"{file}: the top level is not a JSON object")
    return keys


class AutoConfig:
    """Loads a model's configuration."""

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
        gguf_file: str | os.PathLike[str] | None = None,
        subfolder: str = "",
        strict_config: bool = False,
        **kwargs: Any,
    ) -> PreTrainedConfig:
        """Loads `config.json`, or the metadata of a GGUF file, from a directory or a hub repository.

        Parameters
        ----------
        pretrained_model_name_or_path
            A directory or a hub repository.
        revision, token, cache_dir, local_files_only
            Options of the hub, as in `huggingface_hub`.
        gguf_file
            The name of a GGUF file in the directory or repository.
        subfolder
            The folder of the directory or repository that holds the file.
        strict_config
            Whether unknown keys are an error; `TRUSTFORMERS_STRICT_CONFIG=1` makes them one in every call.
        **kwargs
            Keys that replace those of the file.

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
        gguf = None if gguf_file is None else os.fspath(gguf_file)
        directory = _native.resolve(
            name, "config", revision, token, cache_dir, local_files_only, gguf, subfolder=subfolder
        )
        config = read_config(name, str(directory))
        file = Path(directory) / "config.json"
        is_strict = flag("strict_config", strict_config)
        if file.is_file() and (is_strict or "TRUSTFORMERS_STRICT_CONFIG" in os.environ):
            _native.check_config(str(file), read_keys(str(directory)), is_strict)
        config.update(kwargs)
        return config

    @staticmethod
    def register(*_args: Any, **_kwargs: Any) -> NoReturn:
        """Not supported: classes of one's own are called by their own names."""
        raise UnsupportedError(
            "not supported: AutoConfig.register; the engine runs its own families, so call from_pretrained of the "
            "class itself"
        )

    @classmethod
    def for_model(cls, model_type: str, **kwargs: Any) -> PreTrainedConfig:
        """The default configuration of a family, overridden by `kwargs`."""
        return config_class_of(model_type)(**kwargs)


# The name that transformers had before version 5.
PretrainedConfig = PreTrainedConfig
