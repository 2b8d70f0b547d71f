"""The command `trustformers env`."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from trustformers import _native
from trustformers._version import __version__
from trustformers.models.configuration import read_keys
from trustformers.runtime.backend import ORDER, choice, installed, why_not
from trustformers.runtime.backends import list_devices
from trustformers.runtime.device import Device

if TYPE_CHECKING:
    import argparse

__all__ = ["env"]


def env(arguments: argparse.Namespace) -> None:
    """Prints versions, devices, the wheel in use and why others are not, cpu features and threads.

    Raises
    ------
    TrustformersError
        No engine can be used, or the configuration that `--model` names cannot be read.
    """
    wheels, using = installed(), choice()
    engine = _native.environment()
    rows = {
        "trustformers": __version__,
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "wheels installed": ", ".join(f"trustformers-{kind} {_version(kind)}" for kind in wheels),
        "engine": f"trustformers-{using.kind} {engine['version']}, for {', '.join(_native.backends())}",
        "device chosen": str(Device.auto()),
    }
    rows |= {f"device {row.device}": f"{row.name}, {_memory(row.memory_bytes)}" for row in list_devices()}
    rows |= {f"not in use: {kind}": why_not(kind) for kind in ORDER if kind not in _native.backends()}
    # The wheel in use may be an accelerator's without a device.
    rows |= {f"not in use: {kind}": reason for kind, reason in using.passed_over.items()}
    rows |= {
        "cpu features usable": engine["isa_available"],
        "cpu features in use": engine["isa_in_use"],
        "threads": engine["threads"],
    }
    if arguments.verbose:
        rows |= {name: value for name, value in sorted(os.environ.items()) if _is_setting(name)}
    if arguments.model:
        rows |= _config_rows(arguments.model)
    for name, value in rows.items():
        print(f"{name:<20} {value}")


def _is_setting(name: str) -> bool:
    return name.startswith(("TRUSTFORMERS_", "HF_")) and "TOKEN" not in name


def _config_rows(model: str) -> dict[str, str]:
    directory = str(_native.resolve(model, "config", None, None, None, False, None))
    file = str(Path(directory) / "config.json")
    unknown = _native.unknown_config_keys(file, read_keys(directory))
    return {"model": directory, "unknown config keys": ", ".join(unknown) or "none"}


def _version(kind: str) -> str:
    try:
        return version(f"trustformers-{kind}")
    except PackageNotFoundError:
        return "of an unknown version"


def _memory(memory_bytes: int | None) -> str:
    return "memory unknown" if memory_bytes is None else f"{memory_bytes / 2**30:.1f} GiB"
