"""Requests to quantize weights while they are loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from trustformers._checks.arguments import flag, kind
from trustformers.errors import InputError, UnsupportedError

__all__ = ["QuantizationConfig"]

_FLAGS = {"load_in_8bit": 8, "load_in_4bit": 4}
_BITS = (4, 8)
# The other keys of BitsAndBytesConfig in transformers 5.23.0: those without effect here, then those with the values
# that are accepted. The threshold is 6.0 by default; 0.0 is what this package computes.
_WITHOUT_EFFECT = frozenset(
    {
        "_load_in_4bit",
        "_load_in_8bit",
        "bnb_4bit_compute_dtype",
        "bnb_4bit_quant_storage",
        "bnb_4bit_quant_type",
        "bnb_4bit_use_double_quant",
    }
)
_ACCEPTED: dict[str, tuple[Any, ...]] = {
    "llm_int8_enable_fp32_cpu_offload": (False,),
    "llm_int8_has_fp16_weight": (False,),
    "llm_int8_skip_modules": (None, []),
    "llm_int8_threshold": (0.0, 6.0),
    "quant_method": ("bitsandbytes", "int8", "int4"),
}
_SUPPORTED = (
    "supported are int8 weights, symmetric per output channel (load_in_8bit=True or "
    'quantization_config={"bits": 8}), and int4 or int8 weights in groups (load_in_4bit=True or '
    'quantization_config={"bits": 4, "group_size": 64, "sym": True}); activations are quantized at run time'
)


class QuantizationConfig(Protocol):
    """A quantization configuration, such as the `BitsAndBytesConfig` of transformers."""

    def to_dict(self) -> dict[str, Any]:
        """The settings by name."""


class Quantization(NamedTuple):
    """The quantization of linear layers' weights.

    Without `group_size`, 8-bit weights have one scale per output channel, and 4-bit weights the engine's groups.
    """

    bits: int
    group_size: int | None = None
    symmetric: bool = True


def quantization(load_in_8bit: object, load_in_4bit: object, quantization_config: object) -> Quantization | None:
    """The quantization that the arguments request; None without one.

    Raises
    ------
    InputError
        The arguments contradict each other, or the configuration sets no number of bits.
    UnsupportedError
        The number of bits or the method is not supported.
    """
    requested: dict[str, int | None] = {
        f"{name}=True": _FLAGS[name]
        for name, value in (("load_in_8bit", load_in_8bit), ("load_in_4bit", load_in_4bit))
        if flag(name, value)
    }
    keys = {} if quantization_config is None else quantization_keys(quantization_config)
    if quantization_config is not None:
        requested |= _requested_bits(keys)
    if len(set(requested.values())) > 1:
        raise InputError(f"{' and '.join(requested)}: they contradict each other; pass one of them")
    for text, bits in requested.items():
        if bits not in (*_BITS, None):
            raise UnsupportedError(f"not supported: {bits}-bit weights ({text}); {_SUPPORTED}")
    bits = next(iter(requested.values()), None)
    group_size, symmetric = _groups(keys)
    if bits is None:
        return None
    if bits == _FLAGS["load_in_8bit"] and group_size is None:
        if not symmetric:
            raise UnsupportedError(
                f"not supported: quantization_config with sym=False without group_size; {_SUPPORTED}"
            )
        return Quantization(bits)
    return Quantization(bits, group_size, symmetric)


def quantization_keys(config: object) -> dict[Any, Any]:
    """The settings of a mapping or a configuration object."""
    if isinstance(config, Mapping):
        return dict(config)
    if not isinstance(config, type):
        if callable(to_dict := getattr(config, "to_dict", None)):
            return dict(to_dict())
        if hasattr(config, "__dict__"):
            return vars(config)
    raise InputError(
        f'quantization_config: expected a mapping such as {{"bits": 8}} or an object, found {kind(config)}'
    )


def _groups(keys: dict[Any, Any]) -> tuple[int | None, bool]:
    """The group size, and whether quantization is symmetric."""
    group_size = keys.get("group_size")
    if group_size is not None:
        if isinstance(group_size, bool) or not isinstance(group_size, int):
            raise InputError(f"quantization_config: group_size: expected an int, found {kind(group_size)}")
        if group_size < 1 or group_size % 32:
            raise UnsupportedError(
                f"not supported: quantization_config with group_size={group_size}, which is not a multiple of 32; "
                f"{_SUPPORTED}"
            )
    return group_size, flag("quantization_config: sym", keys.get("sym", True))


def _requested_bits(keys: dict[Any, Any]) -> dict[str, int | None]:
    """The number of bits that each setting requests, None for floating point, by a description of the setting."""
    requested: dict[str, int | None] = {}
    for key, value in keys.items():
        text = f"quantization_config with {key}={value!r}"
        if key == "bits":
            if isinstance(value, bool) or not isinstance(value, int):
                raise InputError(f"quantization_config: bits: expected an int, found {kind(value)}")
            requested[text] = value
        elif key in _FLAGS:
            if flag(f"quantization_config: {key}", value):
                requested[text] = _FLAGS[key]
        elif key not in (*_WITHOUT_EFFECT, "group_size", "sym") and value not in _ACCEPTED.get(key, ()):
            raise UnsupportedError(f"not supported: {text}; {_SUPPORTED}")
    is_disabled = keys.get("load_in_8bit") is False and keys.get("load_in_4bit") is not True
    if is_disabled and 4 not in requested.values():
        requested["quantization_config with load_in_8bit=False"] = None
    if not requested:
        raise InputError(f"quantization_config: neither bits nor load_in_8bit is set; {_SUPPORTED}")
    return requested
