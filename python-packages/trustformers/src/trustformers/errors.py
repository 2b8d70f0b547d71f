"""The exceptions of trustformers."""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "HubError",
    "InputError",
    "InternalError",
    "IoError",
    "OutOfMemoryError",
    "TokenizerError",
    "TrustformersError",
    "UnsupportedError",
    "WeightsError",
]


class TrustformersError(Exception):
    """Base of all errors; each also inherits from the builtin exception that transformers raises in such a case."""

    code = "error"


class ConfigError(TrustformersError, ValueError):
    """A configuration file or one of its keys is wrong."""

    code = "config"


class WeightsError(TrustformersError, ValueError):
    """A checkpoint is damaged, or its tensors do not match the model."""

    code = "weights"


class InputError(TrustformersError, ValueError):
    """An argument of a call is wrong."""

    code = "input"


class TokenizerError(TrustformersError, ValueError):
    """A tokenizer cannot be read, or does not support a request."""

    code = "tokenizer"


class HubError(TrustformersError, OSError):
    """A model or one of its files is not available from the hub or the cache."""

    code = "hub"


class IoError(TrustformersError, OSError):
    """The operating system refused to read or write a file."""

    code = "io"


class UnsupportedError(TrustformersError, NotImplementedError):
    """The request is not supported."""

    code = "unsupported"


class OutOfMemoryError(TrustformersError, MemoryError):
    """The machine has too little memory."""

    code = "out_of_memory"


class InternalError(TrustformersError, RuntimeError):
    """A bug in trustformers."""

    code = "internal"


_CLASSES: dict[str, type[TrustformersError]] = {
    cls.code: cls
    for cls in (
        ConfigError,
        WeightsError,
        InputError,
        TokenizerError,
        HubError,
        IoError,
        UnsupportedError,
        OutOfMemoryError,
        InternalError,
    )
}


def from_code(code: str, message: str) -> TrustformersError:
    """The exception for an error code of the engine."""
    return _CLASSES.get(code, InternalError)(message)
