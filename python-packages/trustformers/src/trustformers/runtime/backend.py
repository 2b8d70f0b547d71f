"""Finds the native engine among the installed wheels."""

from __future__ import annotations

import functools
import logging
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from trustformers._version import __version__
from trustformers.errors import InputError, TrustformersError, UnsupportedError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["ORDER", "Choice", "canonical", "choice", "choose", "installed", "why_not"]

ORDER = ("cuda", "rocm", "metal", "cpu")
_ALIASES = {"mps": "metal"}
_VARIABLE = "TRUSTFORMERS_BACKEND"

logger: logging.Logger = logging.getLogger("trustformers")


class Choice(NamedTuple):
    """The engine in use, and why each preferred engine was passed over."""

    kind: str
    module: ModuleType
    passed_over: dict[str, str]


def canonical(kind: str) -> str:
    """The name of a kind of device; "mps" is an alias of "metal"."""
    return _ALIASES.get(kind, kind)


def installed() -> dict[str, str]:
    """Modules of the installed backends by name, preferred first."""
    from importlib.metadata import entry_points

    modules = {point.name: point.value for point in entry_points(group="trustformers.backends")}
    return {name: modules[name] for name in ORDER if name in modules}


def choose(backends: dict[str, str], requested: str | None) -> Choice:
    """The engine of the requested backend, or of the first backend that has a device.

    Raises
    ------
    InputError
        No backend has the requested name.
    UnsupportedError
        No backend is installed, or the requested one is not, has another version than this package, or has no device.
    """
    if requested is not None:
        kind = canonical(requested)
        if kind not in ORDER:
            raise InputError(f"{_VARIABLE}: expected one of {', '.join(ORDER)}, found {requested!r}")
        if kind not in backends:
            raise UnsupportedError(
                f"{_VARIABLE}={requested}: {absence(kind)} (installed: {', '.join(backends) or 'none'})"
            )
        module, reason = _try(kind, backends[kind], is_requested=True)
        if module is None or reason is not None:
            raise UnsupportedError(f"{_VARIABLE}={requested}: {reason}")
        return Choice(kind, module, {})
    if not backends:
        raise UnsupportedError("no native engine is installed; pip install trustformers-cpu")
    passed_over: dict[str, str] = {}
    last: tuple[str, ModuleType] | None = None
    for kind, name in backends.items():
        module, reason = _try(kind, name)
        if module is not None:
            last = kind, module
            if reason is None:
                break
        passed_over[kind] = reason or ""
    if last is None:
        raise UnsupportedError("no installed engine can be used: " + "; ".join(passed_over.values()))
    # An accelerator's wheel without a device still computes on the processor.
    return Choice(*last, passed_over)


def _try(kind: str, name: str, *, is_requested: bool = False) -> tuple[ModuleType | None, str | None]:
    """A backend's module, or None if it cannot be used, and the reason not to choose it, or None."""
    try:
        module = import_module(name)
    except (ImportError, OSError) as error:
        return None, _warned(f"trustformers-{kind} cannot be loaded: {error}")
    if module.__version__ != __version__:
        package = "trustformers" if kind == "cpu" else f"trustformers[{kind}]"
        return None, _warned(
            f"trustformers {__version__} with trustformers-{kind} {module.__version__}: the versions differ, and that "
            f'wheel is not used; pip install "{package}=={__version__}" trustformers-{kind}=={__version__}'
        )
    try:
        devices = module.list_devices(kind)
    except TrustformersError as error:
        return module, str(error)
    if not devices:
        return module, f"{kind} on this machine: no device"
    if not is_requested and all(is_software for *_, is_software in devices):
        return module, f"{devices[0][1]} computes on the processor; {_VARIABLE}={kind} selects it nevertheless"
    return module, None


def _warned(reason: str) -> str:
    logger.warning(reason)
    return reason


def absence(kind: str) -> str:
    """Why a backend's wheel is not installed, or the command that installs it."""
    if kind == "metal" and sys.platform != "darwin":
        return "Metal is available on macOS only; use trustformers[cuda] for NVIDIA or trustformers[rocm] for AMD GPUs"
    if kind == "cuda" and sys.platform == "darwin":
        return 'CUDA is not available on macOS; for Apple GPUs, pip install "trustformers[metal]"'
    if kind == "rocm" and sys.platform != "linux":
        return "the ROCm backend is available on Linux only"
    package = "trustformers-cpu" if kind == "cpu" else f'"trustformers[{kind}]"'
    return f"the {kind} backend is not installed; pip install {package}"


def why_not(kind: str) -> str:
    """Why the engine in use does not support a kind of device."""
    using = choice()
    if kind in using.passed_over:
        return using.passed_over[kind]
    if kind in installed():
        return f"trustformers-{using.kind} is in use, and a process has one engine; {_VARIABLE}={kind} selects this one"
    return absence(kind)


@functools.cache
def choice() -> Choice:
    """The engine in use."""
    found = choose(installed(), os.environ.get(_VARIABLE) or None)
    found.module.Tensor.__torch_function__ = classmethod(_torch_function)
    return found


def _torch_function(_cls: type, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
    """What torch calls for its functions of a `Tensor`."""
    return import_module("trustformers.tensor.torch_interop").torch_function(function, args, kwargs)
