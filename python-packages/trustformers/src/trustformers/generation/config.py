"""Generation settings: the keys of `generation_config.json`."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from trustformers import _native
from trustformers.errors import ConfigError, InputError, IoError, UnsupportedError
from trustformers.generation.logits_process import WatermarkLogitsProcessor

if TYPE_CHECKING:
    from typing_extensions import Self

    from trustformers.models.configuration import PreTrainedConfig

__all__ = [
    "BaseWatermarkingConfig",
    "CompileConfig",
    "GenerationConfig",
    "GenerationMode",
    "SynthIDTextWatermarkingConfig",
    "WatermarkingConfig",
]

logger: logging.Logger = logging.getLogger("trustformers")

FILE = "generation_config.json"
_METADATA = ("_from_model_config", "_commit_hash", "_original_object_hash", "transformers_version")
# Keys whose values may be objects.
_OBJECTS = ("watermarking_config", "compile_config")


@cache
def known_keys() -> frozenset[str]:
    """The keys that `generate` supports."""
    return frozenset(_native.generation_config_keys())


class GenerationMode(str, Enum):
    """The strategies of `generate`."""

    CONTRASTIVE_SEARCH = "contrastive_search"
    GREEDY_SEARCH = "greedy_search"
    SAMPLE = "sample"
    ASSISTED_GENERATION = "assisted_generation"
    DOLA_GENERATION = "dola_generation"
    BEAM_SEARCH = "beam_search"
    BEAM_SAMPLE = "beam_sample"
    CONSTRAINED_BEAM_SEARCH = "constrained_beam_search"
    GROUP_BEAM_SEARCH = "group_beam_search"


@dataclass
class CompileConfig:
    """Arguments of `torch.compile`; accepted without effect, since there is nothing to compile."""

    fullgraph: bool = False
    dynamic: bool | None = None
    backend: str | Callable[..., Any] = "inductor"
    mode: str = "reduce-overhead"
    options: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The arguments."""
        return dict(self.__dict__)


class BaseWatermarkingConfig:
    """Base of the settings of watermarks."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """The settings and their values."""
        yield from self.to_dict().items()

    def to_dict(self) -> dict[str, Any]:
        """The settings."""
        return dict(self.__dict__)

    @classmethod
    def from_dict(cls, config_dict: Mapping[str, Any], **kwargs: Any) -> Self:
        """Settings of the given keys; known keys of `kwargs` override them."""
        config = cls(**config_dict)
        config.update(**kwargs)
        return config

    def update(self, **kwargs: Any) -> None:
        """Sets known keys."""
        self.__dict__.update({key: value for key, value in kwargs.items() if key in self.__dict__})

    def to_json_string(self) -> str:
        """The settings as JSON."""
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def to_json_file(self, json_file_path: str | os.PathLike[str]) -> None:
        """Writes the settings as JSON."""
        _write(Path(json_file_path), json.dumps(self.to_dict(), indent=2, sort_keys=True) + "\n")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__dict__ == other.__dict__

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # keys can be assigned

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.to_json_string()}"


class WatermarkingConfig(BaseWatermarkingConfig):
    """Settings of a watermark that makes a pseudorandom share of the vocabulary more likely after each token.

    Parameters
    ----------
    greenlist_ratio
        The share of the vocabulary.
    bias
        What is added to the scores of these tokens.
    hashing_key
        Key of the pseudorandom choice.
    seeding_scheme
        `"lefthash"`, which depends on the last token, or `"selfhash"`, which also depends on the next one.
    context_width
        Number of last tokens that `"selfhash"` depends on.
    """

    def __init__(
        self,
        greenlist_ratio: float = 0.25,
        bias: float = 2.0,
        hashing_key: int = 15485863,
        seeding_scheme: str = "lefthash",
        context_width: int = 1,
    ) -> None:
        self.greenlist_ratio = greenlist_ratio
        self.bias = bias
        self.hashing_key = hashing_key
        self.seeding_scheme = seeding_scheme
        self.context_width = context_width

    def validate(self) -> None:
        """Rejects values that no watermark has.

        Raises
        ------
        InputError
            A value is outside its range.
        """
        if self.seeding_scheme not in {"selfhash", "lefthash"}:
            raise InputError(f'seeding_scheme: expected "selfhash" or "lefthash", found {self.seeding_scheme!r}')
        if not 0.0 <= self.greenlist_ratio <= 1.0:
            raise InputError(f"greenlist_ratio: expected a number from 0 to 1, found {self.greenlist_ratio!r}")
        if not self.context_width >= 1:
            raise InputError(f"context_width: expected a positive integer, found {self.context_width!r}")

    def construct_processor(self, vocab_size: int, device: Any = "cpu") -> WatermarkLogitsProcessor:
        """The processor of these settings."""
        return WatermarkLogitsProcessor(vocab_size, device, **self.to_dict())


class SynthIDTextWatermarkingConfig(BaseWatermarkingConfig):
    """Not supported: its detector is a model that is trained for each key."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        raise UnsupportedError("not supported: SynthID watermarks; use WatermarkingConfig")


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

    extra_output_flags: ClassVar[tuple[str, ...]] = (
        "output_attentions",
        "output_hidden_states",
        "output_scores",
        "output_logits",
    )

    def __init__(self, **kwargs: Any) -> None:
        self._set({key: value for key, value in kwargs.items() if value is not None})
        self.validate()

    def _set(self, keys: dict[str, Any]) -> None:
        self.__dict__.update(_native.generation_config(plain(keys)))
        watermark, compiled = keys.get("watermarking_config"), keys.get("compile_config")
        if isinstance(watermark, Mapping):
            watermark = WatermarkingConfig.from_dict(watermark)
        if compiled is not None and not isinstance(compiled, (CompileConfig, Mapping)):
            raise InputError(f"compile_config: expected a CompileConfig, found {type(compiled).__name__}")
        for key, value in (("watermarking_config", watermark), ("compile_config", compiled)):
            if value is not None:
                self.__dict__[key] = value

    def __getattr__(self, name: str) -> Any:
        if name in known_keys():
            return None
        raise AttributeError(f"the generation configuration has no key {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if value is None:
            self.__dict__.pop(name, None)
            return
        self._set({name: value})

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
        watermark = self.__dict__.get("watermarking_config")
        if isinstance(watermark, WatermarkingConfig):
            watermark.validate()
        issues = _native.generation_config_issues(self.to_dict())
        if strict and issues:
            raise InputError("generation_config: " + "; ".join(f"{key} {message}" for key, message in issues))
        warn_of(issues)

    def get_generation_mode(self, assistant_model: Any = None) -> GenerationMode:
        """The strategy of `generate` with these settings."""
        has_beams = (self.num_beams or 1) > 1
        if self.constraints is not None or self.force_words_ids is not None:
            mode = GenerationMode.CONSTRAINED_BEAM_SEARCH
        elif has_beams and (self.num_beam_groups or 1) > 1:
            mode = GenerationMode.GROUP_BEAM_SEARCH
        elif has_beams:
            mode = GenerationMode.BEAM_SAMPLE if self.do_sample is True else GenerationMode.BEAM_SEARCH
        elif self.do_sample is True:
            mode = GenerationMode.SAMPLE
        elif (self.top_k or 0) > 1 and (self.penalty_alpha or 0) > 0:
            mode = GenerationMode.CONTRASTIVE_SEARCH
        else:
            mode = GenerationMode.GREEDY_SEARCH
        if mode in {GenerationMode.GREEDY_SEARCH, GenerationMode.SAMPLE}:
            given = (assistant_model, self.prompt_lookup_num_tokens, self.assistant_early_exit)
            if self.use_mtp or any(one is not None for one in given):
                mode = GenerationMode.ASSISTED_GENERATION
            elif self.dola_layers is not None:
                mode = GenerationMode.DOLA_GENERATION
        return mode

    def update(self, defaults_only: bool = False, allow_custom_entries: bool = False, **kwargs: Any) -> dict[str, Any]:
        """Sets known keys and returns the others.

        Parameters
        ----------
        defaults_only
            Whether to keep the keys that are set.
        allow_custom_entries
            Whether to set unknown keys, too.
        """
        unused = {}
        for key, value in kwargs.items():
            if not allow_custom_entries and key not in known_keys() and key not in self.__dict__:
                unused[key] = value
            elif not defaults_only or getattr(self, key, None) is None:
                setattr(self, key, value)
        self.validate()
        return unused

    def to_dict(self) -> dict[str, Any]:
        """The keys that are set, as plain data."""
        return plain(self.__dict__)

    def to_diff_dict(self) -> dict[str, Any]:
        """The keys that are set; there are no default values to compare with."""
        return self.to_dict()

    @staticmethod
    def dict_dtype_to_str(d: dict[str, Any]) -> None:
        """Replaces torch's dtypes under the keys `dtype` by their names, in place."""
        if d.get("dtype") is not None and not isinstance(d["dtype"], str):
            d["dtype"] = str(d["dtype"]).removeprefix("torch.")
        for value in d.values():
            if isinstance(value, dict):
                GenerationConfig.dict_dtype_to_str(value)

    def to_json_string(
        self, use_diff: bool = True, ignore_metadata: bool = False, keys_to_pop: list[str] | None = None
    ) -> str:
        """The text of `generation_config.json`.

        Parameters
        ----------
        use_diff
            Without effect: only keys that are set are written.
        ignore_metadata
            Whether to leave out what says where the settings come from.
        keys_to_pop
            Other keys that are left out.
        """
        left_out = {*(keys_to_pop or ()), *(_METADATA if ignore_metadata else ())}
        keys = {key: value for key, value in self.to_dict().items() if key not in left_out}
        return json.dumps(keys, indent=2, sort_keys=True) + "\n"

    def to_json_file(
        self, json_file_path: str | os.PathLike[str], use_diff: bool = True, keys_to_pop: list[str] | None = None
    ) -> None:
        """Writes the text of `generation_config.json` to a file."""
        _write(Path(json_file_path), self.to_json_string(use_diff, keys_to_pop=keys_to_pop))

    @classmethod
    def from_dict(cls, config_dict: Mapping[str, Any], **kwargs: Any) -> Any:
        """A configuration of the given keys, overridden by `kwargs`.

        With `return_unused_kwargs=True` among them, a pair of the configuration and an empty dict: unknown keys are
        kept.
        """
        returns_unused = kwargs.pop("return_unused_kwargs", False)
        for name in ("_from_auto", "_from_pipeline"):
            kwargs.pop(name, None)
        config = cls(**{**config_dict, **kwargs})
        return (config, {}) if returns_unused else config

    @classmethod
    def from_model_config(cls, model_config: PreTrainedConfig | Mapping[str, Any]) -> Self:
        """The generation settings in a model's `config.json`."""
        keys = dict(model_config) if isinstance(model_config, Mapping) else model_config.to_dict()
        return cls(**_native.generation_config_of_model(keys))

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name: str | os.PathLike[str],
        config_file_name: str | os.PathLike[str] | None = None,
        *,
        revision: str | None = None,
        token: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        local_files_only: bool = False,
        subfolder: str = "",
        **kwargs: Any,
    ) -> Any:
        """Loads `generation_config.json` from a directory or a hub repository.

        Parameters
        ----------
        config_file_name
            Another name of the file.
        **kwargs
            Keys that override those of the file. With `return_unused_kwargs=True` among them, returns a pair of the
            configuration and an empty dict.

        Raises
        ------
        ConfigError
            The file is missing or damaged.
        HubError
            The repository is not available.
        """
        name = os.fspath(pretrained_model_name)
        directory = _native.resolve(name, "config", revision, token, cache_dir, local_files_only, subfolder=subfolder)
        file = Path(str(directory)) / (FILE if config_file_name is None else config_file_name)
        for name in ("force_download", "proxies"):
            kwargs.pop(name, None)
        return cls.from_dict(_native.read_generation_config(file), **kwargs)

    def save_pretrained(
        self,
        save_directory: str | os.PathLike[str],
        config_file_name: str | os.PathLike[str] | None = None,
        push_to_hub: bool = False,
        **kwargs: Any,
    ) -> None:
        """Writes `generation_config.json` into a directory, which is created if needed.

        Parameters
        ----------
        save_directory
            The directory.
        config_file_name
            Another name of the file.
        push_to_hub
            Not supported.
        **kwargs
            Options of an upload, without effect.

        Raises
        ------
        UnsupportedError
            `push_to_hub` is true.
        IoError
            The file cannot be written.
        """
        if push_to_hub:
            self.push_to_hub()
        file = Path(save_directory) / (FILE if config_file_name is None else config_file_name)
        _write(file, self.to_json_string(keys_to_pop=["compile_config"]))

    def push_to_hub(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported; save the configuration, and upload the directory with huggingface_hub."""
        raise UnsupportedError(
            "not supported: push_to_hub; save the configuration, and upload the directory with huggingface_hub"
        )

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if isinstance(other, GenerationConfig) else NotImplemented

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # keys can be assigned

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.to_json_string(ignore_metadata=True)}"


def plain(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Keys and values with the settings of watermarks and of compilation as dicts."""
    return {
        key: value.to_dict() if key in _OBJECTS and hasattr(value, "to_dict") else value for key, value in keys.items()
    }


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise IoError(f"{file}: {error.strerror}") from error


def load_generation_config(directory: str, config: Mapping[str, Any]) -> GenerationConfig:
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
        return plain(config)
    if not callable(getattr(config, "to_dict", None)):
        raise InputError(f"generation_config: expected a GenerationConfig or a dict, found {type(config).__name__}")
    return plain(config.to_dict())


# What a value must be, in the words of the engine's reader and in Python's.
_EXPECTED = {
    "a boolean": "a bool",
    "a sequence": "a list",
    "a string": "a str",
    "a map": "a dict",
    "f32": "a float",
    "f64": "a float",
    **dict.fromkeys(("i32", "i64", "u32", "u64", "usize"), "an int"),
}
_UNREADABLE = re.compile(
    r"(?P<key>\w+): cannot be (?P<value>.*): "
    r"(?:invalid type: .*, expected (?P<expected>.*)|data did not match any variant of untagged enum (?P<enum>\w+))",
    re.DOTALL,
)


@contextmanager
def named_types() -> Iterator[None]:
    """Says in Python's words what the value of a setting must be."""
    try:
        yield
    except InputError as error:
        found = _UNREADABLE.fullmatch(str(error))
        # An int beyond 64 bits reaches the reader as a float.
        if found is None or "e+" in found["value"]:
            raise
        item = "str" if found["key"] == "stop_strings" else "int"
        one_or_many = f"{'a str' if item == 'str' else 'an int'} or a list of {item}"
        expected = one_or_many if found["enum"] == "OneOrMany" else _EXPECTED.get(found["expected"])
        if expected is None:
            raise
        raise InputError(f"{found['key']}: expected {expected}, found {found['value']}") from None


def warn_of(issues: Iterable[tuple[str, str]]) -> None:
    """Warns about keys that have no effect, once per process for each key."""
    for key, message in issues:
        _warn_once(key, message)


@cache
def _warn_once(key: str, message: str) -> None:
    logger.warning("generation_config: %s %s", key, message)
