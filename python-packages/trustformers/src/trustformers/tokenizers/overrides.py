"""Settings that override those in a tokenizer's files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustformers import _native
from trustformers._checks.arguments import kind
from trustformers.errors import InputError, UnsupportedError

__all__ = ["overrides"]

# transformers accepts these and ignores them.
_WITHOUT_EFFECT = frozenset({"errors", "from_slow", "trust_remote_code", "use_default_system_prompt", "use_fast"})
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
