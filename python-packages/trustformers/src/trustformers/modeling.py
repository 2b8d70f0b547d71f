"""Models with the interface of transformers over the engine's."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from trustformers._backend import native
from trustformers.configuration import PreTrainedConfig
from trustformers.device import Device
from trustformers.errors import InputError, UnsupportedError
from trustformers.model_output import BaseModelOutputWithPooling
from trustformers.quantization import QuantizationConfig, in_8_bits

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self

    from trustformers import _native

__all__ = ["AutoModel", "PreTrainedModel"]

logger = logging.getLogger("trustformers")


class PreTrainedModel:
    """A loaded base model; `AutoModel.from_pretrained` makes one.

    Attributes
    ----------
    config
        The keys of `config.json`.
    name_or_path
        What the model was loaded from.
    """

    def __init__(self, encoder: _native.Encoder, name_or_path: str, directory: str) -> None:
        self._native = encoder
        self._directory = directory
        self.name_or_path = name_or_path
        self.config = PreTrainedConfig(**json.loads(encoder.config_json()), name_or_path=name_or_path)

    @property
    def device(self) -> Device:
        """Where the model computes."""
        return Device(self._native.device)

    @property
    def dtype(self) -> str:
        """The floating point format that the model computes in; that between the layers if they are in 8 bits."""
        return self._native.dtype

    @property
    def is_loaded_in_8bit(self) -> bool:
        """Whether the weights of the linear layers were rounded to 8 bits."""
        return self._native.in_8_bits

    @property
    def is_quantized(self) -> bool:
        """Whether weights were rounded to anything but a floating point format."""
        return self.is_loaded_in_8bit

    @property
    def quantization_method(self) -> str | None:
        """What the weights of the linear layers were rounded to: "int8", or None."""
        return "int8" if self.is_loaded_in_8bit else None

    def eval(self) -> Self:
        """The model itself, which always is in evaluation mode."""
        return self

    def forward(
        self,
        input_ids: ArrayLike | None = None,
        attention_mask: ArrayLike | None = None,
        token_type_ids: ArrayLike | None = None,
        position_ids: ArrayLike | None = None,
        *,
        return_dict: bool | None = None,
        **kwargs: Any,
    ) -> BaseModelOutputWithPooling | tuple[Any, ...]:
        """Runs the model; `model(...)` does the same and always returns the output object.

        Parameters
        ----------
        input_ids, attention_mask, token_type_ids, position_ids
            Integers of shape (batch, seq). Without a mask no token is padding; segments default to zero, positions
            count from zero.
        return_dict
            False returns a tuple.

        Returns
        -------
        BaseModelOutputWithPooling
            float32 arrays whatever the model's dtype. Positions that the mask hides are not computed; their hidden
            state is zero.

        Raises
        ------
        InputError
            An argument does not fit the model; the message names it.
        UnsupportedError
            An argument that models here do not have yet.
        """
        for name, value in kwargs.items():
            if value is not None and value is not False:
                raise UnsupportedError(f"not supported: {name}={value!r} of a model's forward")
        if input_ids is None:
            raise InputError("input_ids: missing")
        last_hidden_state, pooler_output = self._native.forward(
            _ids("input_ids", input_ids),
            *(
                None if value is None else _ids(name, value)
                for name, value in (
                    ("attention_mask", attention_mask),
                    ("token_type_ids", token_type_ids),
                    ("position_ids", position_ids),
                )
            ),
        )
        output = BaseModelOutputWithPooling(last_hidden_state, pooler_output)
        return output.to_tuple() if return_dict is False else output

    def __call__(
        self,
        input_ids: ArrayLike | None = None,
        attention_mask: ArrayLike | None = None,
        token_type_ids: ArrayLike | None = None,
        position_ids: ArrayLike | None = None,
        **kwargs: Any,
    ) -> BaseModelOutputWithPooling:
        """Runs the model; see `forward`."""
        output = self.forward(input_ids, attention_mask, token_type_ids, position_ids, **kwargs)
        return output  # type: ignore[return-value]  # a tuple only where the caller asked for one

    def save_pretrained(self, save_directory: str | os.PathLike[str]) -> None:
        """Writes `config.json` and `model.safetensors` into a directory, which is made if it is not there.

        Raises
        ------
        UnsupportedError
            The model was loaded in 8 bits.
        IoError
            A file cannot be written.
        """
        self._native.save_pretrained(save_directory)

    def __repr__(self) -> str:
        values = {"device": str(self.device), "dtype": self.dtype}
        if self.quantization_method is not None:
            values["quantization_method"] = self.quantization_method
        listed = ", ".join(f"{name}={value!r}" for name, value in values.items())
        return f"{type(self).__name__}({self.name_or_path!r}, {listed})"


class DtypeObject(Protocol):
    """The dtype of an array library: `np.dtype("float32")`, `torch.bfloat16`."""

    @property
    def itemsize(self) -> int:
        """Bytes an element takes."""


class AutoModel:
    """Loads base models."""

    def __init__(self) -> None:
        raise TypeError("AutoModel is made with AutoModel.from_pretrained(name_or_path)")

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str],
        *,
        device: str | Device = "auto",
        dtype: str | type[Any] | DtypeObject | None = "auto",
        torch_dtype: str | type[Any] | DtypeObject | None = None,
        load_in_8bit: bool = False,
        load_in_4bit: bool = False,
        quantization_config: Mapping[str, Any] | QuantizationConfig | None = None,
        revision: str | None = None,
        token: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        local_files_only: bool = False,
    ) -> PreTrainedModel:
        """Loads a model from a directory or a hub repository.

        Parameters
        ----------
        pretrained_model_name_or_path
            A directory with `config.json` and safetensors, or a repository's name.
        device
            "auto", "cpu", "cuda:0", ... or a `Device`.
        dtype
            What to compute in: "float32", "float16", "bfloat16", the dtype of NumPy or torch of such a name, or "auto",
            what the checkpoint says.
        torch_dtype
            The deprecated name of `dtype`.
        load_in_8bit
            Whether to round the weights of linear layers to 8 bits, symmetric per output channel; their inputs are
            rounded row by row as they come. Everything else stays in `dtype`.
        load_in_4bit
            Does not exist here yet.
        quantization_config
            The same request as a mapping, `{"bits": 8}` or `{"load_in_8bit": True}`, or as an object, such as the
            `BitsAndBytesConfig` of transformers.
        revision, token, cache_dir, local_files_only
            How to use the hub.

        Raises
        ------
        InputError
            An argument has no meaning, or two of them contradict each other.
        ConfigError, WeightsError
            A file is missing, damaged or not understood; the message names it.
        HubError
            The repository cannot be had.
        UnsupportedError
            The device's backend is not installed, the checkpoint is quantized already, or what it should be quantized
            to does not exist here.

        Examples
        --------
        >>> from trustformers import AutoModel
        >>> model = AutoModel.from_pretrained(path, dtype="bfloat16", load_in_8bit=True)
        >>> model.dtype, model.quantization_method
        ('bfloat16', 'int8')
        """
        options = load_options(
            device=device,
            dtype=dtype,
            torch_dtype=torch_dtype,
            load_in_8bit=load_in_8bit,
            load_in_4bit=load_in_4bit,
            quantization_config=quantization_config,
        )
        name = os.fspath(pretrained_model_name_or_path)
        directory = native.resolve(name, "model", revision, token, cache_dir, local_files_only)
        return load(name, str(directory), options)


class LoadOptions(NamedTuple):
    """Checked arguments, as the engine takes them."""

    device: str
    dtype: str
    in_8_bits: bool


def load_options(
    *,
    device: object = "auto",
    dtype: object = "auto",
    torch_dtype: object = None,
    load_in_8bit: object = False,
    load_in_4bit: object = False,
    quantization_config: object = None,
) -> LoadOptions:
    """Checks arguments of `AutoModel.from_pretrained`, before anything is downloaded for them."""
    if not isinstance(device, (str, Device)):
        raise InputError(f"device: expected a str or a Device, found {type(device).__name__}")
    name = _dtype_name("dtype", dtype)
    if torch_dtype is not None:
        logger.warning("torch_dtype is deprecated; pass dtype")
        other = _dtype_name("torch_dtype", torch_dtype)
        if name not in ("auto", other):
            raise InputError(f'torch_dtype: "{other}" contradicts dtype="{name}"; pass dtype only')
        name = other
    return LoadOptions(str(device), name, in_8_bits(load_in_8bit, load_in_4bit, quantization_config))


def load(name: str, directory: str, options: LoadOptions) -> PreTrainedModel:
    """Loads the base model of a directory."""
    encoder = native.Encoder.from_dir(directory, *options)
    if encoder.unused_weights:
        logger.warning("%s: weights of other modules were not used: %s", name, ", ".join(encoder.unused_weights))
    return PreTrainedModel(encoder, name, directory)


def _dtype_name(argument: str, dtype: object) -> str:
    if dtype is None:
        return "auto"
    if isinstance(dtype, str):
        return dtype.removeprefix("torch.")
    if isinstance(dtype, (type, np.dtype)):
        return np.dtype(dtype).name
    # torch.bfloat16 is known by its name: torch need not be installed.
    library, _, name = str(dtype).rpartition(".")
    if library and name.isidentifier():
        return name
    raise InputError(f'{argument}: expected a str such as "float32" or a dtype, found {type(dtype).__name__}')


def _ids(name: str, values: ArrayLike) -> NDArray[np.int64]:
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"{name}: the rows differ in length; tokenize with padding=True") from None
    if array.dtype.kind not in "iub" and array.size:
        raise InputError(f"{name}: expected integers, found {array.dtype}")
    if array.ndim != 2:
        raise InputError(f"{name}: expected the shape (batch, seq), found {array.shape}")
    if array.dtype == np.uint64 and array.size and int(array.max()) > np.iinfo(np.int64).max:
        raise InputError(f"{name}: {int(array.max())} does not fit into int64")
    return np.ascontiguousarray(array, dtype=np.int64)
