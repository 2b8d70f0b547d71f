"""Finds the native engine among the installed wheels."""

from __future__ import annotations

import functools
import os
from importlib import import_module
from typing import TYPE_CHECKING

from trustformers._version import __version__
from trustformers.errors import UnsupportedError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["installed", "load", "native"]

ORDER = ("cuda", "rocm", "metal", "cpu")


def installed() -> dict[str, str]:
    """Modules of the installed backends by name, preferred first."""
    from importlib.metadata import entry_points

    found = {point.name: point.value for point in entry_points(group="trustformers.backends")}
    return {name: found[name] for name in ORDER if name in found}


def load(backends: dict[str, str], wanted: str | None) -> ModuleType:
    """The native module of the wanted backend, or of the first one.

    Raises
    ------
    UnsupportedError
        No backend is installed, or not the wanted one, or its version is not that of this package.
    """
    if wanted is not None and wanted not in backends:
        names = ", ".join(backends) or "none"
        raise UnsupportedError(
            f"TRUSTFORMERS_BACKEND={wanted}: that backend is not installed (installed: {names}); "
            f'pip install "trustformers[{wanted}]"'
        )
    name = wanted or next(iter(backends), None)
    if name is None:
        raise UnsupportedError("no native engine is installed; pip install trustformers-cpu")
    module = import_module(backends[name])
    if module.__version__ != __version__:
        raise UnsupportedError(
            f"trustformers {__version__} with trustformers-{name} {module.__version__}: the versions differ; "
            f"pip install trustformers=={__version__} trustformers-{name}=={__version__}"
        )
    return module


if TYPE_CHECKING:
    # The committed stub describes the module that every wheel brings; there is no such module in this package.
    from trustformers import _native as native
else:

    class _Native:
        """The native module of the backend in use, loaded at the first use of a name."""

        @functools.cached_property
        def _module(self):
            return load(installed(), os.environ.get("TRUSTFORMERS_BACKEND"))

        def __getattr__(self, name):
            return getattr(self._module, name)

    native = _Native()
