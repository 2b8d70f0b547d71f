"""Checks of the arguments of `from_pretrained`."""

from __future__ import annotations

import logging
import os
import re
from typing import NamedTuple, Protocol

import numpy as np

from trustformers._checks.arguments import flag
from trustformers.errors import InputError
from trustformers.models.quantization import Quantization, quantization, quantization_keys
from trustformers.runtime.device import requested

logger: logging.Logger = logging.getLogger("trustformers")


class DtypeObject(Protocol):
    """The dtype of an array library: `np.dtype("float32")`, `torch.bfloat16`."""

    @property
    def itemsize(self) -> int:
        """Bytes per element."""


class LoadOptions(NamedTuple):
    """Checked arguments of `from_pretrained`."""

    device: str
    dtype: str
    quantization: Quantization | None
    # A GGUF file to read instead of the other files, and whether to dequantize its weights.
    gguf_file: str | None
    dequantize: bool
    # Whether unknown configuration keys are an error.
    strict_config: bool = False
    # Which weights of a directory or repository to load.
    variant: str | None = None
    use_safetensors: bool | None = None


def load_options(
    *,
    device: object = "auto",
    dtype: object = "auto",
    torch_dtype: object = None,
    load_in_8bit: object = False,
    load_in_4bit: object = False,
    quantization_config: object = None,
    gguf_file: object = None,
    strict_config: object = False,
    variant: object = None,
    use_safetensors: object = None,
) -> LoadOptions:
    """Checks the arguments of `from_pretrained` before anything is downloaded."""
    device_name = requested(device)
    strict = flag("strict_config", strict_config)
    if variant is not None and not isinstance(variant, str):
        raise InputError(f"variant: expected the name of a variant, found {type(variant).__name__}")
    safetensors = None if use_safetensors is None else flag("use_safetensors", use_safetensors)
    name = dtype_name("dtype", dtype)
    if torch_dtype is not None:
        logger.warning("torch_dtype is deprecated; pass dtype")
        other = dtype_name("torch_dtype", torch_dtype)
        if name not in ("auto", other):
            raise InputError(f'torch_dtype: "{other}" contradicts dtype="{name}"; pass dtype only')
        name = other
    if gguf_file is None:
        weights = quantization(load_in_8bit, load_in_4bit, quantization_config)
        return LoadOptions(device_name, name, weights, None, False, strict, variant, safetensors)
    if not isinstance(gguf_file, (str, os.PathLike)):
        raise InputError(f"gguf_file: expected the name of a file, found {type(gguf_file).__name__}")
    keys = {} if quantization_config is None else quantization_keys(quantization_config)
    if load_in_8bit or load_in_4bit or (keys and keys.get("quant_method") != "gguf"):
        raise InputError(
            "gguf_file: such a file has its own precision; pass it without load_in_8bit, load_in_4bit and a "
            "quantization_config of another method"
        )
    dequantize = flag("quantization_config: dequantize", keys.get("dequantize", False))
    return LoadOptions(device_name, name, None, os.fspath(gguf_file), dequantize, strict)


_DTYPES = re.compile(r"(torch\.)?(bool|(float|bfloat|complex|u?int)\d+\w*)")


def is_dtype(value: object) -> bool:
    """Whether a value is a dtype of any library, or the name of one."""
    if isinstance(value, str):
        return _DTYPES.fullmatch(value) is not None
    return isinstance(value, (type, np.dtype)) or type(value).__name__ == "dtype"


def dtype_name(argument: str, dtype: object) -> str:
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
