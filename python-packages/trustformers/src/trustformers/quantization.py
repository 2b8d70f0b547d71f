"""What callers ask weights to be rounded to when they are loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from trustformers._arguments import flag, kind
from trustformers.errors import InputError, UnsupportedError

__all__ = ["QuantizationConfig"]

_FLAGS = {"load_in_8bit": 8, "load_in_4bit": 4}
# The other keys of BitsAndBytesConfig in transformers 5.23.0: first those that change nothing about 8-bit weights, then
# those of which some values do. A threshold of 6.0 is the default, which nobody chose; 0.0 is what is done here.
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
    "quant_method": ("bitsandbytes", "int8"),
}
_WHAT_THERE_IS = (
    "there are int8 weights, symmetric per output channel, with activations quantized per row at run time: "
    'load_in_8bit=True or quantization_config={"bits": 8}'
)


class QuantizationConfig(Protocol):
    """An object that says how to quantize, such as the `BitsAndBytesConfig` of transformers."""

    def to_dict(self) -> dict[str, Any]:
        """What it says, by name."""


def in_8_bits(load_in_8bit: object, load_in_4bit: object, quantization_config: object) -> bool:
    """Whether the arguments ask for 8-bit weights, the only ones that exist beside floating point.

    Raises
    ------
    InputError
        The arguments contradict each other, or the configuration does not say what it asks for.
    UnsupportedError
        They ask for another number of bits or another method.
    """
    asked: dict[str, int | None] = {
        f"{name}=True": _FLAGS[name]
        for name, value in (("load_in_8bit", load_in_8bit), ("load_in_4bit", load_in_4bit))
        if flag(name, value)
    }
    if quantization_config is not None:
        asked |= _asked_by(_keys(quantization_config))
    if len(set(asked.values())) > 1:
        raise InputError(f"{' and '.join(asked)}: they contradict each other; pass one of them")
    for text, bits in asked.items():
        if bits not in (8, None):
            raise UnsupportedError(f"not supported: {bits}-bit weights ({text}); {_WHAT_THERE_IS}")
    return 8 in asked.values()


def _keys(config: object) -> dict[Any, Any]:
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


def _asked_by(keys: dict[Any, Any]) -> dict[str, int | None]:
    """The numbers of bits that a configuration asks for, None for floating point, by what says so."""
    asked: dict[str, int | None] = {}
    for key, value in keys.items():
        text = f"quantization_config with {key}={value!r}"
        if key == "bits":
            if isinstance(value, bool) or not isinstance(value, int):
                raise InputError(f"quantization_config: bits: expected an int, found {kind(value)}")
            asked[text] = value
        elif key in _FLAGS:
            if flag(f"quantization_config: {key}", value):
                asked[text] = _FLAGS[key]
        elif key not in _WITHOUT_EFFECT and value not in _ACCEPTED.get(key, ()):
            raise UnsupportedError(f"not supported: {text}; {_WHAT_THERE_IS}")
    if keys.get("load_in_8bit") is False and 4 not in asked.values():
        asked["quantization_config with load_in_8bit=False"] = None
    if not asked:
        raise InputError(f"quantization_config: it says neither bits nor load_in_8bit; {_WHAT_THERE_IS}")
    return asked
