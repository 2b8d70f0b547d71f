"""Devices that models run on."""

from __future__ import annotations

from typing import Any

from trustformers import _native
from trustformers.errors import InputError, UnsupportedError
from trustformers.runtime.backend import ORDER, canonical, choice, why_not

__all__ = ["Device"]


class Device(str):
    """A device of this machine that the installed wheel supports.

    A str, so that torch's functions accept it as a device; it holds torch's name of the device.

    Parameters
    ----------
    name
        "cpu", "cuda:0", "rocm:0", "metal" (or "mps"), or "auto", the best available device; or a number as in
        transformers: -1 is the cpu, 0 the best available device, n accelerator n.

    Raises
    ------
    InputError
        No device has this name, or the machine has fewer devices of its kind.
    UnsupportedError
        The backend is not installed, with the pip command, or the machine has no device for it.
    """

    __slots__ = ("_name",)
    _name: str

    def __new__(cls, name: str | int | Device = "auto") -> Device:
        """Finds the device."""
        return cls._from_name(_native.resolve_device(requested(name)))

    @classmethod
    def cpu(cls) -> Device:
        """The cpu."""
        return cls("cpu")

    @classmethod
    def cuda(cls, index: int = 0) -> Device:
        """An NVIDIA GPU."""
        return cls(f"cuda:{index}")

    @classmethod
    def rocm(cls, index: int = 0) -> Device:
        """An AMD GPU."""
        return cls(f"rocm:{index}")

    @classmethod
    def metal(cls, index: int = 0) -> Device:
        """An Apple GPU."""
        return cls(f"metal:{index}")

    @classmethod
    def auto(cls) -> Device:
        """The best available device."""
        return cls("auto")

    @classmethod
    def _from_name(cls, name: str) -> Device:
        kind, separator, index = name.partition(":")
        device = str.__new__(cls, _NAMES_IN_TORCH.get(kind, kind) + separator + index)
        device._name = name
        return device

    @property
    def type(self) -> str:
        """The kind of device: "cpu", "cuda", "rocm" or "metal"."""
        return self._name.partition(":")[0]

    @property
    def index(self) -> int | None:  # type: ignore[override]  # torch's meaning, not that of str
        """The index among the devices of its kind; None for the cpu."""
        number = self._name.partition(":")[2]
        return int(number) if number else None

    def is_cpu(self) -> bool:
        """Whether the device is the cpu."""
        return self.type == "cpu"

    def is_cuda(self) -> bool:
        """Whether the device is an NVIDIA GPU."""
        return self.type == "cuda"

    def is_rocm(self) -> bool:
        """Whether the device is an AMD GPU."""
        return self.type == "rocm"

    def is_metal(self) -> bool:
        """Whether the device is an Apple GPU."""
        return self.type == "metal"

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"Device({self._name!r})"

    def __format__(self, spec: str) -> str:
        return format(self._name, spec)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Device):
            return self._name == other._name
        if isinstance(other, str):
            return other in {self._name, str.__str__(self)}
        # A device of torch.
        return str(other) == str.__str__(self) if type(other).__module__ == "torch" else NotImplemented

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return hash(self._name)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return Device, (self._name,)


# Names of kinds of devices that torch calls differently.
_NAMES_IN_TORCH = {"metal": "mps", "rocm": "cuda"}


def requested(device: object) -> str:
    """The name of a device whose backend the engine in use has, or "auto".

    Raises
    ------
    InputError
        `device` is not a device, or is the number of an accelerator on a machine without one.
    UnsupportedError
        The engine in use lacks the device's backend; the message says why and what to install.
    """
    if isinstance(device, Device):
        return device._name
    if isinstance(device, int) and not isinstance(device, bool):
        return _by_number(device)
    # torch.device is known by its name: torch need not be installed.
    if type(device).__module__ == "torch":
        device = str(device)
    if not isinstance(device, str):
        raise InputError(f"device: expected a str, an int or a Device, found {type(device).__name__}")
    kind = canonical(device.partition(":")[0])
    if kind in ORDER and kind not in _native.backends():
        raise UnsupportedError(f'device "{device}": {why_not(kind)}')
    return device


def _by_number(number: int) -> str:
    if number < 0:
        return "cpu"
    if number == 0:
        return "auto"
    kind = choice().kind
    if kind == "cpu":
        raise InputError(f"device: {number} is the index (int) of an accelerator, and no installed wheel has found one")
    return f"{kind}:{number}"
