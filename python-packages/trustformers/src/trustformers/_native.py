"""The native module of the engine in use, loaded on first use of one of its names."""

from typing import Any

from trustformers.runtime.backend import choice


def __getattr__(name: str) -> Any:
    # Python asks modules for names such as __path__ when it imports from them.
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(choice().module, name)
