"""Tensors in safetensors files, with the functions of the package `safetensors`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers.errors import InputError
from trustformers.runtime.device import Device

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from trustformers._native import SafetensorsFile, Tensor

__all__ = ["load", "load_file", "safe_open", "save", "save_file"]

_FRAMEWORKS = {
    "tf_rs": "tf_rs",
    "np": "np",
    "numpy": "np",
    "pt": "pt",
    "torch": "pt",
    "pytorch": "pt",
}


def save_file(
    tensors: Mapping[str, Any], filename: str | os.PathLike[str], metadata: Mapping[str, str] | None = None
) -> None:
    """Writes tensors to a safetensors file.

    The file is replaced atomically: tensors that were loaded from an existing file keep their elements.

    Parameters
    ----------
    tensors
        Tensors, NumPy arrays or tensors with `__dlpack__`, by name. Elements are written in row-major order.
    filename
        The file.
    metadata
        Text for the header.

    Raises
    ------
    InputError
        A name, a tensor or the metadata has the wrong type; the message names it.
    IoError
        The file cannot be written.

    Examples
    --------
    >>> from trustformers.safetensors import load_file, save_file
    >>> from trustformers.tensor import ones
    >>> save_file({"weight": ones(2, 3)}, "model.safetensors", {"format": "pt"})
    >>> load_file("model.safetensors")["weight"].shape
    (2, 3)
    """
    _native.write_safetensors(_dict("tensors", tensors), _path(filename), _metadata(metadata))


def save(tensors: Mapping[str, Any], metadata: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a safetensors file with the tensors; see `save_file`."""
    return _native.safetensors_bytes(_dict("tensors", tensors), _metadata(metadata))


def load_file(filename: str | os.PathLike[str], device: str | int | Device = "cpu") -> dict[str, Tensor]:
    """The tensors of a safetensors file.

    The file is mapped into memory and must not be truncated while one of the tensors is in use. On the cpu, tensors
    share the mapped memory, except misaligned ones, which are copied.

    Raises
    ------
    IoError
        The file cannot be read.
    WeightsError
        The file is damaged or truncated.
    UnsupportedError
        A tensor has a dtype that `Tensor` does not have, such as float8.
    """
    with safe_open(filename, "tf_rs", device) as file:
        return file.get_tensors()


def load(data: bytes) -> dict[str, Tensor]:
    """The tensors in the bytes of a safetensors file; see `load_file`."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise InputError(f"data: expected bytes, found {type(data).__name__}")
    file = _native.SafetensorsFile.of_bytes(bytes(data))
    return {name: file.tensor(name) for name in file.offset_keys()}


class safe_open:
    """A safetensors file whose tensors are read when they are requested.

    Parameters
    ----------
    filename
        The file, which is mapped into memory.
    framework
        "tf_rs" for `Tensor`s and "pt" for torch tensors, which share the mapped memory on the cpu; "np" for NumPy
        arrays, which are copies. Writes to a torch tensor do not reach the file.
    device
        Device of the tensors; "cpu" for NumPy arrays.

    Raises
    ------
    InputError
        The framework is unknown, or does not support the device.
    IoError
        The file cannot be read.
    WeightsError
        The file is damaged or truncated.

    Examples
    --------
    >>> from trustformers.safetensors import safe_open
    >>> with safe_open("model.safetensors", framework="np") as file:
    ...     rows = file.get_slice("weight")[:1]
    """

    def __init__(
        self, filename: str | os.PathLike[str], framework: str = "tf_rs", device: str | int | Device = "cpu"
    ) -> None:
        known = _FRAMEWORKS.get(framework) if isinstance(framework, str) else None
        if known is None:
            raise InputError(f"framework: expected one of {', '.join(_FRAMEWORKS)}, found {framework!r}")
        self._framework = known
        self._device = Device(device)
        if known == "np" and not self._device.is_cpu():
            raise InputError(f"device: NumPy arrays are on the cpu, not on {self._device}")
        self._filename = _path(filename)
        self._file: SafetensorsFile | None = _native.SafetensorsFile.open(self._filename)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file = None

    def keys(self) -> list[str]:
        """Names of the tensors in alphabetical order."""
        return self._open().keys()

    def offset_keys(self) -> list[str]:
        """Names of the tensors in the order of their data."""
        return self._open().offset_keys()

    def metadata(self) -> dict[str, str] | None:
        """The metadata of the header; None if there is none."""
        return self._open().metadata()

    def get_tensor(self, name: str) -> Any:
        """A tensor of the file.

        Raises
        ------
        InputError
            There is no such tensor.
        UnsupportedError
            `Tensor` does not have its dtype.
        """
        return self._converted(self._open().tensor(_name(name)))

    def get_tensors(self) -> dict[str, Any]:
        """All tensors of the file by name, in the order of their data."""
        return {name: self.get_tensor(name) for name in self.offset_keys()}

    def get_slice(self, name: str) -> SafeSlice:
        """A tensor of the file that is read by indexing, such as `file.get_slice(name)[:, 3:5]`.

        Raises
        ------
        InputError
            There is no such tensor.
        """
        self._open().info(_name(name))
        return SafeSlice(self, name)

    def _open(self) -> SafetensorsFile:
        if self._file is None:
            raise InputError(f"filename: {self._filename} is closed; use it inside of the with statement")
        return self._file

    def _converted(self, tensor: Tensor) -> Any:
        if self._framework == "np":
            return tensor.numpy().copy()
        if self._framework == "tf_rs":
            return tensor.to(device=self._device)
        found = tensor.to_torch()
        return found if self._device.is_cpu() else found.to(str(self._device))


class SafeSlice:
    """A tensor of a safetensors file that is read by indexing; made by `safe_open.get_slice`."""

    def __init__(self, file: safe_open, name: str) -> None:
        self._file = file
        self._name = name

    def get_shape(self) -> list[int]:
        """Size of each dimension."""
        return self._file._open().info(self._name)[1]

    def get_dtype(self) -> str:
        """The dtype in the notation of safetensors, such as "F32"."""
        return self._file._open().info(self._name)[0]

    def __getitem__(self, index: Any) -> Any:
        """The elements that an index selects, as in NumPy; other elements are not read.

        Raises
        ------
        IndexError
            The index does not fit the shape.
        """
        return self._file._converted(self._file._open().tensor(self._name)[index])


def _dict(argument: str, entries: object) -> dict[Any, Any]:
    if not isinstance(entries, Mapping):
        raise InputError(f"{argument}: expected a dict, found {type(entries).__name__}")
    return dict(entries)


def _metadata(metadata: object) -> dict[Any, Any] | None:
    return None if metadata is None else _dict("metadata", metadata)


def _path(filename: object) -> str:
    if not isinstance(filename, (str, os.PathLike)):
        raise InputError(f"filename: expected a str or a path, found {type(filename).__name__}")
    path = os.fspath(filename)
    return os.fsdecode(path)


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise InputError(f"name: expected a str, found {type(name).__name__}")
    return name
