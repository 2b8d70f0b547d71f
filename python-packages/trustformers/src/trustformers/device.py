"""Where a model computes."""

from __future__ import annotations

from typing import Any

from trustformers._backend import native
from trustformers.errors import InputError

__all__ = ["Device"]


class Device:
    """A device that this machine has and the installed wheel can use.

    Parameters
    ----------
    name
        "cpu", "cuda:0", "rocm:0", "metal" (or "mps"), or "auto", the best that is there.

    Raises
    ------
    InputError
        No device has this name.
    UnsupportedError
        The backend is not installed; the message has the pip command.
    """

    __slots__ = ("_name",)
    _name: str

    def __init__(self, name: str | Device = "auto") -> None:
        if isinstance(name, Device):
            self._name = name._name
            return
        if not isinstance(name, str):
            raise InputError(f"device: expected a str or a Device, found {type(name).__name__}")
        self._name = native.resolve_device(name)

    @classmethod
    def cpu(cls) -> Device:
        """The processor."""
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
        """The best device that is there."""
        return cls("auto")

    @property
    def type(self) -> str:
        """The kind of device: "cpu", "cuda", "rocm" or "metal"."""
        return self._name.partition(":")[0]

    @property
    def index(self) -> int | None:
        """The number among the devices of its kind; None for the processor."""
        number = self._name.partition(":")[2]
        return int(number) if number else None

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"Device({self._name!r})"

    def __eq__(self, other: object) -> bool:
        return self._name == other._name if isinstance(other, Device) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._name)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return Device, (self._name,)
