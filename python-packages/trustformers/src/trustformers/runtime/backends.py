"""Available backends and devices."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any, NamedTuple

from trustformers import _native
from trustformers.errors import InputError, TrustformersError
from trustformers.runtime.backend import ORDER, canonical, installed
from trustformers.runtime.device import Device, requested

__all__ = [
    "HAS_CPU",
    "HAS_CUDA",
    "HAS_METAL",
    "HAS_ROCM",
    "DeviceInfo",
    "device_count",
    "is_available",
    "list_devices",
    "synchronize",
]

HAS_CPU: bool
HAS_CUDA: bool
HAS_METAL: bool
HAS_ROCM: bool


def __getattr__(name: str) -> Any:
    kind = name.removeprefix("HAS_").lower()
    if not name.startswith("HAS_") or kind not in ORDER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Every wheel computes on the processor too.
    return bool(installed()) if kind == "cpu" else kind in installed()


class DeviceInfo(NamedTuple):
    """An available device."""

    device: Device
    """The device, for `device=`."""
    name: str
    """The name that the driver or the operating system reports."""
    memory_bytes: int | None
    """The size of its memory in bytes; None if the driver does not report it."""
    is_software: bool = False
    """Whether a graphics driver emulates the device on the cpu; "auto" never chooses such a device."""


def is_available(kind: str) -> bool:
    """Whether a device of a kind is available in this process.

    Parameters
    ----------
    kind
        "cpu", "cuda", "rocm" or "metal" (or "mps").

    Raises
    ------
    InputError
        There is no such kind.
    """
    return device_count(kind) > 0


def device_count(kind: str) -> int:
    """The number of available devices of a kind.

    Parameters
    ----------
    kind
        "cpu", "cuda", "rocm" or "metal" (or "mps").

    Raises
    ------
    InputError
        There is no such kind.
    """
    if not isinstance(kind, str) or canonical(kind) not in ORDER:
        raise InputError(f"kind: expected one of {', '.join(ORDER)}, found {kind!r}")
    return len(_devices(canonical(kind)))


def list_devices() -> list[DeviceInfo]:
    """The available devices, best first."""
    return [info for kind in ORDER for info in _devices(kind)]


def synchronize(device: str | int | Device = "auto") -> None:
    """Waits until a device has finished its work; results that a call returned are complete already.

    Parameters
    ----------
    device
        As for `Device`.
    """
    _native.synchronize(requested(device))


def _devices(kind: str) -> list[DeviceInfo]:
    if kind == "cpu":
        return [DeviceInfo(Device._from_name("cpu"), _processor(), _memory_bytes())]
    if kind not in _native.backends():
        return []
    try:
        devices = _native.list_devices(kind)
    except TrustformersError:
        return []
    return [
        DeviceInfo(Device._from_name(device), name, memory, is_software)
        for device, name, memory, is_software in devices
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
