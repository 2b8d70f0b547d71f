"""Model configurations."""

from __future__ import annotations

import dataclasses
import inspect
import json
import logging
import math
import os
import sys
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from trustformers import _native
from trustformers._checks.pretrained import hub_token
from trustformers._version import TRANSFORMERS_VERSION
from trustformers.errors import ConfigError, InputError, IoError
from trustformers.models.configuration_conventions import ConfigurationConventions, settings_from
from trustformers.models.configuration_keys import KEYS
from trustformers.models.configuration_rules import ADDED, adjust

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["PreTrainedConfig", "PretrainedConfig"]

logger: logging.Logger = logging.getLogger("trustformers")

FILE = "config.json"
# Settings of generate(), which `generation_config.json` has. Source: GenerationConfig of transformers 5.23.0.
_OF_GENERATION = (
    *("assistant_confidence_threshold", "assistant_lookbehind", "bad_words_ids", "begin_suppress_tokens"),
    *("diversity_penalty", "do_sample", "early_stopping", "encoder_no_repeat_ngram_size"),
    *("encoder_repetition_penalty", "epsilon_cutoff", "eta_cutoff", "exponential_decay_length_penalty"),
    *("forced_bos_token_id", "forced_eos_token_id", "length_penalty", "max_length", "min_length"),
    *("no_repeat_ngram_size", "num_assistant_tokens", "num_assistant_tokens_schedule", "num_beam_groups", "num_beams"),
    *("num_return_sequences", "output_scores", "remove_invalid_values", "repetition_penalty"),
    *("return_dict_in_generate", "suppress_tokens", "target_lookbehind", "temperature", "top_k", "top_p", "typical_p"),
    "use_cache",
)
# Attributes that are not written.
_NOT_WRITTEN = frozenset(
    {
        *("_is_quantized", "_auto_class", "_commit_hash", "_attn_implementation_internal"),
        *("_experts_implementation_internal", "_post_init_done", "ignore_keys_at_rope_validation"),
        "_problem_type_of_labels",
        *("base_model_tp_plan", "base_model_pp_plan", "base_model_fsdp_plan", "distributed_config"),
    }
)
# Keys that `from_dict` sets before others follow from them.
_FIRST = ("attn_implementation", "experts_implementation", "name_or_path", "num_labels", "output_attentions")
# How JSON has the floats that it has no numbers for.
_SPECIAL = {"Infinity": math.inf, "-Infinity": -math.inf, "NaN": math.nan}
_FLOAT = "__float__"
# Options of the hub and of transformers without effect.
_WITHOUT_EFFECT = ("code_revision", "force_download", "proxies", "resume_download", "trust_remote_code", "_from_auto")


class _DtypeKey:
    """The dtype of the weights: torch's if torch is imported, otherwise a `trustformers` dtype, which is a str."""

    def __get__(self, config: PreTrainedConfig | None, owner: type[Any]) -> Any:
        return None if config is None else _in_use(config.__dict__.get("dtype"))

    def __set__(self, config: PreTrainedConfig, dtype: object) -> None:
        config.__dict__["dtype"] = _named(dtype)


class _Fields:
    """The keys of a class as fields of a dataclass."""

    def __get__(self, config: PreTrainedConfig | None, owner: type[PreTrainedConfig]) -> dict[str, Any]:
        made = {}
        for name, default in owner._defaults.items():
            if default is _MISSING:
                made[name] = dataclasses.field(kw_only=True)
            elif isinstance(default, (dict, list, set)):
                made[name] = dataclasses.field(default_factory=partial(deepcopy, default), kw_only=True)
            else:
                made[name] = dataclasses.field(default=default, kw_only=True)
        kind = dataclasses.make_dataclass(owner.__name__, [(name, Any, field) for name, field in made.items()])
        fields: dict[str, Any] = vars(kind)["__dataclass_fields__"]
        return fields


def _named(dtype: Any) -> Any:
    """The name of a dtype; names of several for a mapping."""
    if isinstance(dtype, Mapping):
        return {key: _named(value) for key, value in dtype.items()}
    if dtype is None or isinstance(dtype, int):
        return dtype
    # Dtypes of NumPy and their types have names, torch's only texts.
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or str(dtype)
    return str(name).removeprefix("torch.")


def _in_use(dtype: Any) -> Any:
    if not isinstance(dtype, str):
        return dtype
    if (torch := sys.modules.get("torch")) is not None:
        return getattr(torch, dtype, dtype)
    from trustformers.tensor.dtypes import BY_NAME, DType

    return BY_NAME.get(DType(dtype), dtype)


class PreTrainedConfig(ConfigurationConventions):
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
    # The keys with their defaults, those that may be null, and the family whose rules complete them.
    _defaults: ClassVar[Mapping[str, Any]] = {
        "transformers_version": None,
        "architectures": None,
        "output_hidden_states": False,
        "return_dict": True,
        "dtype": None,
        "chunk_size_feed_forward": 0,
        "is_encoder_decoder": False,
        "id2label": None,
        "label2id": None,
        "problem_type": None,
    }
    _nullable: ClassVar[frozenset[str]] = frozenset(_defaults)
    _family: ClassVar[str] = ""

    transformers_version: str | None = None
    architectures: list[str] | None = None
    output_hidden_states: bool = False
    return_dict: bool = True
    chunk_size_feed_forward: int = 0
    is_encoder_decoder: bool = False
    # None is an error where labels are read, as the keys of a file without labels are those of two.
    id2label: dict[int, str] = None  # type: ignore[assignment]
    label2id: dict[str, int] = None  # type: ignore[assignment]
    problem_type: str | None = None
    if TYPE_CHECKING:
        dtype: Any
    else:
        dtype = _DtypeKey()

        # Classes are dataclasses to `dataclasses.fields` and `replace`.
        __dataclass_fields__ = _Fields()
        __dataclass_params__ = vars(dataclasses.make_dataclass("Keys", []))["__dataclass_params__"]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = inspect.get_annotations(cls)
        names = [name for name, kind in own.items() if "ClassVar" not in str(kind) and name not in cls._defaults]
        changed = {name: cls.__dict__[name] for name in cls._defaults if name in cls.__dict__}
        added = {name: cls.__dict__.get(name, _MISSING) for name in names}
        cls._defaults = {**cls._defaults, **changed, **added}
        cls._nullable = cls._nullable | added.keys()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args:
            raise InputError(f"{type(self).__name__}() takes keyword arguments only, found {len(args)} others")
        common = self.attribute_map
        given = {name: value for name, value in kwargs.items() if name not in common}
        given |= {common[name]: value for name, value in kwargs.items() if name in common}
        for name, default in self._defaults.items():
            value = given.pop(name, default)
            if value is _MISSING:
                raise TypeError(f"{type(self).__name__}() needs {name}")
            # Null stands for the default of a key that cannot be null.
            setattr(self, name, deepcopy(default if value is None and name not in self._nullable else value))
        self.__post_init__(**given)

    def __post_init__(self, **given: Any) -> None:
        """Sets keys that follow from others, and those that the class does not have."""
        adjust(self, given)
        earlier = given.pop("torch_dtype", None)
        if self.dtype is None:
            self.dtype = earlier
        num_labels = given.get("num_labels")
        if self.id2label is None:
            self.num_labels = 2 if num_labels is None else num_labels
        elif num_labels is not None and num_labels != len(self.id2label):
            logger.warning("num_labels: %s, but id2label has %d labels", num_labels, len(self.id2label))
        if self.problem_type == "single_label_classification" and self.num_labels == 1:
            raise InputError('problem_type: "single_label_classification" needs more labels than one')
        if "rope_parameters" in self._defaults or (given.get("rope_scaling") and given.get("rope_theta")):
            given = self.convert_rope_params_to_dict(**given)
        for name in (*_OF_GENERATION, "_commit_hash"):
            given.pop(name, None)
        self._name_or_path = str(given.pop("name_or_path", ""))
        self._output_attentions: bool | None = given.pop("output_attentions", False)
        self._attn_implementation_internal: Any = None
        self._experts_implementation_internal: Any = None
        self._attn_implementation = given.pop("attn_implementation", None)
        self._experts_implementation = given.pop("experts_implementation", None)
        for name, value in given.items():
            if name not in _NOT_WRITTEN:
                setattr(self, name, value)
        self._post_init_done = True

    @property
    def name_or_path(self) -> str:
        """The directory or repository that the configuration was loaded from."""
        return self._name_or_path

    @name_or_path.setter
    def name_or_path(self, name: object) -> None:
        self._name_or_path = str(name)

    @property
    def num_labels(self) -> int:
        """The number of labels of a classifier."""
        return len(self.id2label)

    @num_labels.setter
    def num_labels(self, num_labels: int) -> None:
        limit = _native.MAX_LABELS
        if isinstance(num_labels, bool) or not isinstance(num_labels, int) or not 0 <= num_labels <= limit:
            raise InputError(f"num_labels: expected a number of labels from 0 to {limit}, found {num_labels!r}")
        if self.id2label is None or len(self.id2label) != num_labels:
            self.id2label = {index: f"LABEL_{index}" for index in range(num_labels)}
            self.label2id = {name: index for index, name in self.id2label.items()}

    @property
    def output_attentions(self) -> bool | None:
        """Whether models return attention probabilities."""
        return self._output_attentions

    @output_attentions.setter
    def output_attentions(self, value: bool | None) -> None:
        if value and self._attn_implementation is None:
            self._attn_implementation = "eager"
        self._output_attentions = value

    @property
    def _attn_implementation(self) -> Any:
        return self._attn_implementation_internal

    @_attn_implementation.setter
    def _attn_implementation(self, value: Any) -> None:
        own = value.get("", self._attn_implementation_internal) if isinstance(value, Mapping) else value
        self._attn_implementation_internal = own

    @property
    def _experts_implementation(self) -> Any:
        return self._experts_implementation_internal

    @_experts_implementation.setter
    def _experts_implementation(self, value: Any) -> None:
        own = value.get("", self._experts_implementation_internal) if isinstance(value, Mapping) else value
        self._experts_implementation_internal = own

    @property
    def torch_dtype(self) -> Any:
        """The earlier name of `dtype`."""
        return self.dtype

    @torch_dtype.setter
    def torch_dtype(self, dtype: object) -> None:
        self.dtype = dtype

    @property
    def use_return_dict(self) -> bool:
        """The earlier name of `return_dict`."""
        return self.return_dict

    @property
    def rope_scaling(self) -> Any:
        """The earlier name of `rope_parameters`."""
        return self.rope_parameters

    @rope_scaling.setter
    def rope_scaling(self, parameters: Any) -> None:
        self.rope_parameters = parameters
        if isinstance(parameters, dict):
            if self.__dict__.get("_post_init_done"):
                self.standardize_rope_params()
            elif "type" in parameters:
                parameters.setdefault("rope_type", parameters["type"])

    @classmethod
    def default_config_fields(cls) -> dict[str, Any]:
        """The keys of the class whose defaults are not null, with their defaults."""
        return {name: value for name, value in cls._defaults.items() if value is not None and value is not _MISSING}

    def to_dict(self) -> dict[str, Any]:
        """All keys, as `config.json` has them."""
        keys = {name: _plain(value) for name, value in self.__dict__.items() if name != "kwargs"}
        keys |= {"model_type": type(self).model_type, "transformers_version": TRANSFORMERS_VERSION}
        return written(keys)

    def to_diff_dict(self) -> dict[str, Any]:
        """The keys of the class, and others whose values are not the defaults of all classes, as files have them."""
        common = _common_keys()
        keys = {
            name: value
            for name, value in self.to_dict().items()
            if name not in common
            or name in ("transformers_version", "vocab_file")
            or value != common[name]
            or value != (value if self._defaults.get(name) is None else self._defaults[name])
        }
        keys.pop("_name_or_path", None)
        return keys

    def to_json_string(self, use_diff: bool = True) -> str:
        """The text of `config.json`; without `use_diff`, also of the keys that have the defaults of all classes."""
        keys = self.to_diff_dict() if use_diff else self.to_dict()
        try:
            return json.dumps(_encoded(keys), indent=2, sort_keys=True) + "\n"
        except TypeError as error:
            raise InputError(f"config: {error}") from None

    def to_json_file(self, json_file_path: str | os.PathLike[str], use_diff: bool = True) -> None:
        """Writes the text of `to_json_string` into a file."""
        text = self.to_json_string(use_diff=use_diff)
        try:
            Path(json_file_path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise IoError(f"{json_file_path}: {error.strerror}") from error

    @classmethod
    def from_dict(cls, config_dict: Mapping[str, Any], **kwargs: Any) -> Any:
        """A configuration of the given keys, overridden by the arguments that are keys.

        With `return_unused_kwargs=True` the result is a pair, with the other arguments.
        """
        returns_unused = kwargs.pop("return_unused_kwargs", False)
        keys = {**config_dict, **{name: kwargs.pop(name) for name in _FIRST if name in kwargs}}
        keys |= {name: kwargs[name] for name in ("dtype", "torch_dtype") if kwargs.get(name, "auto") != "auto"}
        config = cls(**keys)
        for name in [name for name in kwargs if hasattr(config, name)]:
            setattr(config, name, kwargs.pop(name))
        return (config, kwargs) if returns_unused else config

    @classmethod
    def from_json_file(cls, json_file: str | os.PathLike[str]) -> Self:
        """A configuration of the keys of a JSON file.

        Raises
        ------
        ConfigError
            The file is missing or damaged.
        """
        return cls(**_keys_of(Path(json_file)))

    @classmethod
    def get_config_dict(
        cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The keys of a `config.json` in a directory or a hub repository, and the arguments that are no options.

        Parameters
        ----------
        pretrained_model_name_or_path
            A directory, a hub repository or a file.
        **kwargs
            `revision`, `token`, `cache_dir` and `local_files_only`, the options of the hub, as in `huggingface_hub`;
            `gguf_file`, the name of a GGUF file, whose metadata is read; `subfolder`, the folder that holds the file.
        """
        keys, _file, further = cls._read(os.fspath(pretrained_model_name_or_path), kwargs)
        return keys, further

    @classmethod
    def _read(cls, name: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], str, dict[str, Any]]:
        """The keys of a file, its path, and the arguments that are no options."""
        further = {key: value for key, value in options.items() if key not in _WITHOUT_EFFECT}
        hub: dict[str, Any] = {key: further.pop(key, None) for key in ("revision", "cache_dir")}
        hub["token"] = hub_token(further.pop("token", None), further.pop("use_auth_token", None))
        hub["local_files_only"] = bool(further.pop("local_files_only", False))
        hub["subfolder"] = further.pop("subfolder", "") or ""
        gguf = further.pop("gguf_file", None)
        hub["gguf_file"] = None if gguf is None else os.fspath(gguf)
        if Path(name).is_file() and Path(name).suffix != ".gguf":
            found = Path(name)
        else:
            found = Path(_native.resolve(name, "config", **hub))
            if found.is_file():
                return _native.gguf_config(str(found)), str(found), further
            found = found / FILE
        keys = _keys_of(found)
        if further.get("model_type") not in (None, keys.get("model_type")):
            keys["model_type"] = further["model_type"]
        return keys, str(found), further

    @overload
    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str],
        *,
        return_unused_kwargs: Literal[True],
        **kwargs: Any,
    ) -> tuple[Self, dict[str, Any]]: ...

    @overload
    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str],
        *,
        return_unused_kwargs: Literal[False] = False,
        **kwargs: Any,
    ) -> Self: ...

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any) -> Any:
        """Loads `config.json` from a directory or a hub repository; see `AutoConfig.from_pretrained`."""
        name = os.fspath(pretrained_model_name_or_path)
        keys, file, further = cls._read(name, kwargs)
        if keys.get("model_type", cls.model_type) != cls.model_type:
            logger.warning('%s: its model_type is "%s", which %s is not for', name, keys["model_type"], cls.__name__)
        try:
            return cls.from_dict(keys, **{"name_or_path": name, **further})
        except InputError as error:
            raise ConfigError(f"{file}: {error}") from None

    def save_pretrained(self, save_directory: str | os.PathLike[str], push_to_hub: bool = False, **kwargs: Any) -> None:
        """Writes `config.json` into a directory, which is created if needed.

        Raises
        ------
        UnsupportedError
            `push_to_hub` is true.
        InputError
            The configuration has settings of `generate`, which belong into `generation_config.json`.
        IoError
            The file cannot be written.
        """
        if push_to_hub:
            self.push_to_hub()
        stray = {name: getattr(self, name, None) for name in _OF_GENERATION if name not in self._defaults}
        if found := {name: value for name, value in stray.items() if value is not None and name != "use_cache"}:
            raise InputError(f"config: settings of generate belong to model.generation_config, found {found}")
        directory = Path(save_directory)
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IoError(f"{directory}: {error.strerror}") from error
        self.to_json_file(directory / FILE)

    def update(self, config_dict: Mapping[str, Any]) -> None:
        """Sets keys."""
        for key, value in config_dict.items():
            setattr(self, key, value)

    def update_from_string(self, update_str: str) -> None:
        """Sets keys to the values of a text such as "num_hidden_layers=2,use_cache=false"."""
        self.update(settings_from(update_str, self))

    def dict_dtype_to_str(self, d: dict[str, Any]) -> None:
        """Replaces dtypes in a dict, and in those in it, by their names."""
        if "dtype" in d:
            d["dtype"] = _named(d["dtype"])
        for value in d.values():
            if isinstance(value, dict):
                self.dict_dtype_to_str(value)

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
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}: the configuration has no such key"
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if isinstance(other, PreTrainedConfig) else NotImplemented

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # keys can be assigned

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.to_json_string()}"


_MISSING = object()


@cache
def _common_keys() -> dict[str, Any]:
    """The keys of all classes, with their defaults."""
    return PreTrainedConfig().to_dict()


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, PreTrainedConfig):
        return {name: part for name, part in value.to_dict().items() if name != "transformers_version"}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return deepcopy(value)


def written(keys: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that are written, also of dicts in them."""
    found = {}
    for name, value in keys.items():
        if name == "dtype":
            found[name] = _named(value)
        elif name not in _NOT_WRITTEN:
            found[name] = written(value) if isinstance(value, dict) else value
    if "_output_attentions" in found:
        found["output_attentions"] = found.pop("_output_attentions")
    return found


def _encoded(value: Any) -> Any:
    """A value with infinities and what is not a number as JSON has them."""
    if isinstance(value, float) and not math.isfinite(value):
        return {_FLOAT: "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if isinstance(value, dict):
        return {name: _encoded(part) for name, part in value.items()}
    return [_encoded(part) for part in value] if isinstance(value, (list, tuple)) else value


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_FLOAT} and isinstance(value[_FLOAT], str):
            return _SPECIAL.get(value[_FLOAT], value)
        return {name: _decoded(part) for name, part in value.items()}
    return [_decoded(part) for part in value] if isinstance(value, list) else value


@cache
def heads_of(model_type: str) -> Mapping[str, str]:
    """The names of a family's classes by head; empty if there is no such family."""
    return next((heads for known, _prefix, _aliases, heads in _native.families() if known == model_type), {})


def is_decoder(model_type: str) -> bool:
    """Whether a family's models are decoders, with causal attention."""
    return "causal_lm" in heads_of(model_type)


@cache
def _rows() -> dict[str, list[str]]:
    """The lines of the table of keys, by family."""
    return {row[0]: row[1:] for row in map(str.split, KEYS.splitlines()) if row}


@cache
def config_class_of(model_type: str) -> type[PreTrainedConfig]:
    """The class of a family's configurations.

    Raises
    ------
    ConfigError
        There is no such family.
    """
    for known, prefix, aliases, _heads in _native.families():
        if known == model_type:
            cells = [cell.partition("=") for cell in _rows().get(known, ())]
            values = {name: json.loads(value) for name, _sign, value in cells}
            keys = {name.rstrip("?"): value for name, value in values.items() if name[0] != "@"}
            body = {
                "__module__": "trustformers.models.families",
                "__doc__": f"The keys of a {prefix} `config.json`.",
                "model_type": known,
                "attribute_map": aliases,
                **{name[1:]: value for name, value in values.items() if name[0] == "@"},
                **keys,
                **ADDED.get(known, {}),
            }
            kind: Any = type(f"{prefix}Config", (PreTrainedConfig,), body)
            kind._defaults = {**PreTrainedConfig._defaults, **keys}
            kind._nullable = PreTrainedConfig._nullable | {name[:-1] for name in values if name[-1] == "?"}
            kind._family = known
            found: type[PreTrainedConfig] = kind
            return found
    raise ConfigError(f'key "model_type" is "{model_type}", expected one of: {", ".join(_native.model_types())}')


def read_keys(directory: str) -> dict[str, Any]:
    """The keys of a directory's `config.json`.

    Raises
    ------
    ConfigError
        The file is missing or damaged.
    """
    return _keys_of(Path(directory) / FILE)


def _keys_of(file: Path) -> dict[str, Any]:
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
    found: dict[str, Any] = _decoded(keys)
    return found


# The name that transformers had before version 5.
PretrainedConfig = PreTrainedConfig
