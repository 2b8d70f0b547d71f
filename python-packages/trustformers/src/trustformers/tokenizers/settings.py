"""Settings of a tokenizer: sides, limits, names of inputs and other keys of `tokenizer_config.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from trustformers import _native
from trustformers._checks.arguments import flag, kind, length, strings
from trustformers.errors import InputError

__all__ = ["CONFIG", "TOKENIZER", "Derived", "Settings"]

TOKENIZER = "tokenizer.json"
CONFIG = "tokenizer_config.json"
_NO_LIMIT = int(1e30)
# Keys of `tokenizer_config.json` that are attributes of the classes that have them.
_KEYS = frozenset(
    {
        "add_prefix_space",
        "do_lower_case",
        "extra_ids",
        "keep_accents",
        "language_codes",
        "legacy",
        "legacy_behaviour",
        "num_madeup_words",
        "offset",
        "separate_vocabs",
        "source_lang",
        "split_by_punct",
        "strip_accents",
        "target_lang",
        "tokenize_chinese_chars",
        "trim_offsets",
    }
)
_T = TypeVar("_T")


class _Setting(Generic[_T]):
    """A setting of a tokenizer; the class has its default."""

    def __init__(self, default: _T) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Settings | None, owner: type[Settings]) -> _T:
        if instance is None:
            found: _T = owner._defaults.get(self._name, self._default)
            return found
        value: _T = instance._setting(self._name)
        return value

    def __set__(self, instance: Settings, value: _T) -> None:
        instance._set(self._name, value)


class Derived(dict[str, Any]):
    """What is derived from a tokenizer when it is first used; pickles leave it out."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Derived, ()


class Settings:
    """Settings of a tokenizer."""

    _native: Any
    _derived: Derived
    _defaults: ClassVar[dict[str, Any]] = {}
    # Keys of `tokenizer_config.json` that are attributes, with the values of files that do not set them.
    _keys: ClassVar[dict[str, Any]] = {"add_prefix_space": False}

    model_input_names: _Setting[list[str]] = _Setting(["input_ids", "attention_mask"])
    padding_side: _Setting[str] = _Setting("right")
    truncation_side: _Setting[str] = _Setting("right")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A class states defaults as plain attributes, which would hide the settings of its instances.
        stated = {name: vars(cls)[name] for name in _READ if name in vars(cls)}
        stated = {name: value for name, value in stated.items() if not isinstance(value, _Setting)}
        for name in stated:
            delattr(cls, name)
        cls._defaults = {**cls._defaults, **stated}

    @property
    def model_max_length(self) -> int:
        """The maximum length of the model's inputs in tokens; `int(1e30)` without a limit."""
        limit: int | None = self._native.model_max_length
        return _NO_LIMIT if limit is None else limit

    @model_max_length.setter
    def model_max_length(self, value: int | None) -> None:
        is_limit = not isinstance(value, (int, float)) or value < 10**18
        limit = length("model_max_length", value) if is_limit else None
        self._native = self._native.with_model_max_length(limit)

    @property
    def clean_up_tokenization_spaces(self) -> bool:
        """Whether decoding removes spaces before punctuation by default."""
        cleans_up: bool = self._native.clean_up_tokenization_spaces
        return cleans_up

    @clean_up_tokenization_spaces.setter
    def clean_up_tokenization_spaces(self, value: bool) -> None:
        self._configure("clean_up_tokenization_spaces", flag("clean_up_tokenization_spaces", value))

    @property
    def split_special_tokens(self) -> bool:
        """Whether special tokens in a text are split like other text."""
        return bool(self.init_kwargs.get("split_special_tokens", False))

    @split_special_tokens.setter
    def split_special_tokens(self, value: bool) -> None:
        self._configure("split_special_tokens", flag("split_special_tokens", value))

    @property
    def init_kwargs(self) -> dict[str, Any]:
        """The settings as keys of `tokenizer_config.json`; a copy."""
        native = self._native
        cached = self._derived.get("config")
        if cached is None or cached[0] is not native:
            cached = self._derived["config"] = (native, json.loads(native.to_files()[CONFIG]))
        config: dict[str, Any] = dict(cached[1])
        config.pop("tokenizer_class", None)
        return config

    @property
    def init_inputs(self) -> tuple[Any, ...]:
        """Positional arguments of the constructor; none are recorded."""
        return ()

    def _key(self, name: str) -> Any:
        """A key of `tokenizer_config.json` that only some classes have.

        Raises
        ------
        AttributeError
            The tokenizer has no such setting.
        """
        if name in _KEYS:
            config = {**self._keys, **self.init_kwargs}
            if name in config:
                return config[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def _setting(self, name: str) -> Any:
        if name == "model_input_names":
            # A list that scripts may change in place.
            return self.__dict__.setdefault("_model_input_names", list(self._native.model_input_names))
        return getattr(self._native, name)

    def _set(self, name: str, value: Any) -> None:
        if name == "model_input_names":
            names = strings(name, value)
            if not names:
                raise InputError("model_input_names: expected at least one name")
            self.__dict__["_model_input_names"] = names
        elif isinstance(value, str):
            self._native = getattr(self._native, f"with_{name}")(value)
        else:
            raise InputError(f'{name}: expected "left" or "right", found {kind(value)}')

    def _configure(self, key: str, value: Any) -> None:
        """Changes a key of `tokenizer_config.json`."""
        files = self._native.to_files()
        files[CONFIG] = json.dumps({**json.loads(files[CONFIG]), key: value})
        self._native = _native.Tokenizer.from_files(files)

    def _splitting(self, splits: bool) -> Any:
        """The engine's tokenizer that splits special tokens, or does not."""
        if splits == self.split_special_tokens:
            return self._native
        cached = self._derived.get("other_splitting")
        if cached is None or cached[0] is not self._native:
            files = self._native.to_files()
            files[CONFIG] = json.dumps({**json.loads(files[CONFIG]), "split_special_tokens": splits})
            cached = self._derived["other_splitting"] = (self._native, _native.Tokenizer.from_files(files))
        return cached[1]

    def _unapplied_defaults(self) -> dict[str, Any]:
        return {name: self._defaults[name] for name in _READ if name in self._defaults}


_READ: Sequence[str] = ("model_input_names", "padding_side", "truncation_side")
