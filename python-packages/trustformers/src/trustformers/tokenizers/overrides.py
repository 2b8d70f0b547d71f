"""Settings that override those in a tokenizer's files."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from trustformers import _native
from trustformers._checks.arguments import kind
from trustformers.errors import InputError, UnsupportedError

__all__ = ["overrides", "separated", "warn_of_unused"]

logger: logging.Logger = logging.getLogger("trustformers")

# transformers accepts these and ignores them.
_WITHOUT_EFFECT = frozenset(
    {
        "_from_auto",
        "backend",
        "code_revision",
        "config",
        "device_map",
        "dtype",
        "errors",
        "files_loaded",
        "from_slow",
        "is_local",
        "max_length",
        "never_split",
        "padding",
        "proxies",
        "resume_download",
        "return_tensors",
        "torch_dtype",
        "truncation",
        "trust_remote_code",
        "use_default_system_prompt",
        "use_fast",
        "user_agent",
        "verbose",
    }
)
_TOKEN_FIELDS = ("content", "single_word", "lstrip", "rstrip", "normalized", "special")
_UNSUPPORTED = frozenset({"gguf_file"})


def overrides(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `from_pretrained` as keys of `tokenizer_config.json`.

    Raises
    ------
    TypeError
        An argument is unknown.
    InputError
        A value is neither plain data nor an `AddedToken`.
    UnsupportedError
        An argument is not supported.
    """
    given = {key: value for key, value in kwargs.items() if key not in _WITHOUT_EFFECT}
    if unsupported := sorted(given.keys() & _UNSUPPORTED):
        raise UnsupportedError(f"not supported: {', '.join(unsupported)} in from_pretrained")
    if unknown := _native.unknown_tokenizer_keys(list(given)):
        raise TypeError(f"from_pretrained() got unexpected keyword arguments: {', '.join(unknown)}")
    return {key: _plain(value) for key, value in given.items()}


def separated(kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments that `overrides` knows, and the others."""
    others = set(_native.unknown_tokenizer_keys([key for key in kwargs if key not in _WITHOUT_EFFECT]))
    known = {key: value for key, value in kwargs.items() if key not in others}
    return known, {key: value for key, value in kwargs.items() if key in others}


_warned: set[tuple[str, str]] = set()


def warn_of_unused(function: str, kwargs: Mapping[str, Any]) -> None:
    """Warns, once per name, of arguments that transformers ignores too."""
    for name in kwargs:
        if (function, name) not in _warned:
            _warned.add((function, name))
            logger.warning("%s(...): the argument %s has no effect", function, name)


def _plain(value: Any) -> Any:
    """The value with each `AddedToken`, of this package or of tokenizers, as a dict of its fields."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if value is None or isinstance(value, (str, int, float)):
        return value
    fields = {name: getattr(value, name, None) for name in _TOKEN_FIELDS}
    if not isinstance(fields["content"], str):
        raise InputError(f"from_pretrained: tokens are given as str or AddedToken, limits as int, found {kind(value)}")
    return {name: field for name, field in fields.items() if field is not None}
