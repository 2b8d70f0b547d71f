"""What a model has in common with a `torch.nn.Module`: moving, modes, copying and pickling."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from trustformers import _native
from trustformers._checks.loading import dtype_name, is_dtype
from trustformers.errors import UnsupportedError, WeightsError
from trustformers.models.conventions import ConventionsMixin
from trustformers.peft.adapters import Adapters
from trustformers.peft.mixin import PeftAdapterMixin
from trustformers.runtime.device import Device, requested

if TYPE_CHECKING:
    from typing_extensions import Self

    from trustformers.models.base import PreTrainedModel

__all__ = ["ModuleMixin"]


class ModuleMixin(PeftAdapterMixin, ConventionsMixin):
    """Methods that PyTorch's modules have."""

    if TYPE_CHECKING:
        base_head: ClassVar[str]
        config: Any
        name_or_path: str
        is_quantized: Any
        _directory: str
        _set_native: Any

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Moves the model and its adapters to a device, casts them to a dtype, or both; returns the model.

        Parameters
        ----------
        *args
            A device, a dtype, both, or a tensor that has both; also as `device=` and `dtype=`.

        Raises
        ------
        InputError
            An argument is neither a device nor a dtype.
        UnsupportedError
            The device's backend is not installed, the model does not compute in the dtype, or its weights are
            quantized.
        """
        device, dtype = kwargs.pop("device", None), kwargs.pop("dtype", None)
        kwargs.pop("non_blocking", None)
        if kwargs:
            raise TypeError(f"to() got an unexpected keyword argument {next(iter(kwargs))!r}")
        for argument in args:
            if isinstance(argument, bool):  # non_blocking
                continue
            if is_dtype(argument):
                dtype = argument
            elif hasattr(argument, "device") and hasattr(argument, "dtype"):
                device, dtype = argument.device, argument.dtype
            else:
                device = argument
        own_device, own_dtype = self._structure.device, self._structure.dtype
        new_device = own_device if device is None else str(Device(device))
        new_dtype = own_dtype if dtype is None else dtype_name("dtype", dtype)
        if (new_device, new_dtype) == (own_device, own_dtype):
            if self._adapters is not None:
                self._adapters.to(None, new_dtype if dtype is not None else None)
            return self
        self._refuse_inside("to()")
        if self.is_quantized:
            change = f"{own_dtype} to {new_dtype}" if new_dtype != own_dtype else f"{own_device} to {new_device}"
            raise UnsupportedError(
                f"not supported: changing a quantized model from {change}; pass dtype= and device= to from_pretrained"
            )
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
            self._plain_native.save_pretrained(directory)
            options = _native.LoadOptions(new_dtype)
            self._replace_native(_native.Model.from_dir(directory, self.base_head, requested(new_device), options))
        if self._adapters is not None:
            self._adapters.to(new_device, new_dtype if dtype is not None else None)
        return self

    def cpu(self) -> Self:
        """Moves the model to the cpu."""
        return self.to("cpu")

    def cuda(self, device: int | str | None = None) -> Self:
        """Moves the model to an NVIDIA GPU, by default the first."""
        return self.to(f"cuda:{device or 0}" if device is None or isinstance(device, int) else device)

    def float(self) -> Self:
        """Casts the model to float32."""
        return self.to(dtype="float32")

    def half(self) -> Self:
        """Casts the model to float16."""
        return self.to(dtype="float16")

    def bfloat16(self) -> Self:
        """Casts the model to bfloat16."""
        return self.to(dtype="bfloat16")

    def double(self) -> Self:
        """Raises `UnsupportedError`: no model computes in float64."""
        raise UnsupportedError("not supported: float64 of a model; use float()")

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """A model with the same weights, which are shared, and a configuration of its own."""
        other = type(self).__new__(type(self))
        other._set_native(self._standalone_native(has_adapters=False), self.name_or_path, self._directory)
        configs = copy.deepcopy((self.config, getattr(self, "generation_config", None)), memo)
        return _configured(other, (*configs, self._frozen, self._adapter_state()))

    def _adapter_state(self) -> dict[str, Any] | None:
        """What the adapters of a copy are made of; a base model inside another one has none of its own."""
        owner = self._owner
        if owner is not None and owner._adapters is not None:
            raise UnsupportedError(
                f"not supported: copying or pickling {self._path} of a model with adapters; copy the model, or call "
                "merge_and_unload() first"
            )
        if owner is not None or self._adapters is None:
            return None
        return self._adapters.state() | {"is_own": self._hf_peft_config_loaded}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles a model from files as their path; one with other or random weights as files of its own."""
        if self._owner is not None:
            reduced: tuple[Any, ...] = self._standalone().__reduce__()
            return reduced
        native = self._plain_native
        settings = (self.config, getattr(self, "generation_config", None), self._frozen, self._adapter_state())
        if self._source is not None and not native.missing_weights:
            return _reopened, (type(self), self._source, _stamp(self._directory), settings)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
            native.save_pretrained(directory)
            files = {path.name: path.read_bytes() for path in Path(directory).iterdir()}
        place = (self.name_or_path, self._directory, native.device, native.dtype)
        return _unpickled, (type(self), files, place, settings)


# The configuration, that of generation, the names of weights that require no gradients, and the adapters.
_Settings = tuple[Any, Any, set[str], "dict[str, Any] | None"]


def _configured(model: Any, settings: _Settings) -> Any:
    """The model with settings of its own."""
    config, generation_config, frozen, adapters = settings
    model.config = config
    if frozen:
        model._parameters.frozen |= frozen
    if generation_config is not None:
        model._generation_config = generation_config
    if adapters is not None:
        model._adapters = Adapters.restored(model, adapters)
        model._hf_peft_config_loaded = adapters["is_own"]
    return model


def _stamp(directory: str) -> dict[str, tuple[int, int]]:
    """Sizes and times of the files that a model was loaded from."""
    path = Path(directory)
    files = [path] if path.is_file() else [file for file in path.iterdir() if file.suffix in _SUFFIXES]
    return {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in sorted(files)}


_SUFFIXES = frozenset({".bin", ".gguf", ".json", ".safetensors"})


def _reopened(
    kind: type[PreTrainedModel],
    source: tuple[Any, ...],
    stamp: dict[str, tuple[int, int]],
    settings: _Settings,
) -> Any:
    """A model from the files that it was loaded from.

    Raises
    ------
    WeightsError
        A file is missing, or has changed since the model was pickled.
    """
    for file, (size, time) in stamp.items():
        found = Path(file)
        if not found.is_file() or (found.stat().st_size, found.stat().st_mtime_ns) != (size, time):
            raise WeightsError(f"{file}: the file has changed, or is gone, since a model from it was pickled")
    name, directory, options, overrides, ignores_mismatched_sizes = source
    model = kind._load(name, directory, options, overrides=overrides, ignore_mismatched_sizes=ignores_mismatched_sizes)
    return _configured(model, settings)


def _unpickled(
    kind: type[PreTrainedModel],
    files: dict[str, bytes],
    place: tuple[str, str, str, str],
    settings: _Settings,
) -> Any:
    """A model from what `__reduce__` has kept."""
    name, source, device, dtype = place
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        for file, contents in files.items():
            (Path(directory) / file).write_bytes(contents)
        native = _native.Model.from_dir(directory, kind.base_head, requested(device), _native.LoadOptions(dtype))
    model = kind.__new__(kind)
    model._set_native(native, name, source)
    return _configured(model, settings)
