"""Configurations that request quantization while weights are loaded, as `quantization_config` of `from_pretrained`."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

from trustformers.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

__all__ = [
    "AutoQuantizationConfig",
    "BitsAndBytesConfig",
    "QuantizationConfigMixin",
    "QuantizationMethod",
    "QuantoConfig",
]


class QuantizationMethod(str, Enum):
    """The methods that a `quant_method` of a configuration names and that are supported here."""

    AWQ = "awq"
    BITS_AND_BYTES = "bitsandbytes"
    GPTQ = "gptq"
    MXFP4 = "mxfp4"
    QUANTO = "quanto"


class QuantizationConfigMixin:
    """Base of the configurations: the settings as attributes."""

    quant_method: QuantizationMethod

    @classmethod
    def from_dict(cls, config_dict: Mapping[str, Any], return_unused_kwargs: bool = False, **kwargs: Any) -> Any:
        """A configuration of settings by name, overridden by `kwargs`; with `return_unused_kwargs` also the rest."""
        settings = {
            key: value for key, value in config_dict.items() if not key.startswith("_") and key != "quant_method"
        }
        config = cls(**settings)
        unused = config.update(**kwargs)
        return (config, unused) if return_unused_kwargs else config

    def update(self, **kwargs: Any) -> dict[str, Any]:
        """Sets the settings that exist, and returns the others."""
        known = {key: value for key, value in kwargs.items() if hasattr(self, key)}
        for key, value in known.items():
            setattr(self, key, value)
        return {key: value for key, value in kwargs.items() if key not in known}

    def to_dict(self) -> dict[str, Any]:
        """The settings by name."""
        return {key: value.value if isinstance(value, Enum) else value for key, value in vars(self).items()}

    def to_diff_dict(self) -> dict[str, Any]:
        """The settings that are not the defaults."""
        default = type(self)().to_dict()
        return {key: value for key, value in self.to_dict().items() if default.get(key) != value}

    def to_json_string(self, use_diff: bool = True) -> str:
        """The settings as JSON."""
        return json.dumps(self.to_diff_dict() if use_diff else self.to_dict(), indent=2, sort_keys=True) + "\n"

    def __repr__(self) -> str:
        return f"{type(self).__name__} {json.dumps(self.to_dict(), indent=2, sort_keys=True)}\n"


class BitsAndBytesConfig(QuantizationConfigMixin):
    """Requests weights of 8 or 4 bits.

    The engine's own quantization is used: int8 weights per output channel, or int4 weights in groups. The settings of
    the package bitsandbytes that begin with `bnb_` have no effect; others raise when a model is loaded unless they have
    their defaults.

    Raises
    ------
    InputError
        Both numbers of bits are requested.

    Examples
    --------
    >>> AutoModelForCausalLM.from_pretrained(path, quantization_config=BitsAndBytesConfig(load_in_8bit=True))
    """

    def __init__(  # noqa: PLR0917  # the parameters of transformers
        self,
        load_in_8bit: bool = False,
        load_in_4bit: bool = False,
        llm_int8_threshold: float = 6.0,
        llm_int8_skip_modules: list[str] | None = None,
        llm_int8_enable_fp32_cpu_offload: bool = False,
        llm_int8_has_fp16_weight: bool = False,
        bnb_4bit_compute_dtype: Any = None,
        bnb_4bit_quant_type: str = "fp4",
        bnb_4bit_use_double_quant: bool = False,
        bnb_4bit_quant_storage: Any = None,
        **_kwargs: Any,
    ) -> None:
        if load_in_8bit and load_in_4bit:
            raise InputError("load_in_8bit and load_in_4bit: they contradict each other; pass one of them")
        self.quant_method = QuantizationMethod.BITS_AND_BYTES
        self.load_in_8bit = load_in_8bit
        self.load_in_4bit = load_in_4bit
        self.llm_int8_threshold = llm_int8_threshold
        self.llm_int8_skip_modules = llm_int8_skip_modules
        self.llm_int8_enable_fp32_cpu_offload = llm_int8_enable_fp32_cpu_offload
        self.llm_int8_has_fp16_weight = llm_int8_has_fp16_weight
        # A torch dtype prints as torch.bfloat16.
        self.bnb_4bit_compute_dtype: str = str(bnb_4bit_compute_dtype or "float32").removeprefix("torch.")
        self.bnb_4bit_quant_type = bnb_4bit_quant_type
        self.bnb_4bit_use_double_quant = bnb_4bit_use_double_quant
        self.bnb_4bit_quant_storage: str = str(bnb_4bit_quant_storage or "uint8").removeprefix("torch.")

    def is_quantizable(self) -> bool:
        """Whether weights are quantized."""
        return self.load_in_8bit or self.load_in_4bit

    def quantization_method(self) -> str | None:
        """`llm_int8`, the type of 4-bit weights, or None."""
        if self.load_in_8bit:
            return "llm_int8"
        return self.bnb_4bit_quant_type if self.load_in_4bit else None


class QuantoConfig(QuantizationConfigMixin):
    """Requests weights of 8 or 4 bits, quantized by the engine.

    Raises
    ------
    UnsupportedError
        The weights are of another type than int8 and int4, activations are requested, or modules are left out.
    """

    def __init__(
        self,
        weights: str = "int8",
        activations: str | None = None,
        modules_to_not_convert: list[str] | None = None,
        **_kwargs: Any,
    ) -> None:
        if weights not in ("int8", "int4"):
            raise UnsupportedError(f"not supported: QuantoConfig(weights={weights!r}); supported are int8 and int4")
        if activations is not None or modules_to_not_convert:
            name = "modules_to_not_convert" if activations is None else "activations"
            raise UnsupportedError(f"not supported: {name} of QuantoConfig; supported is weights")
        self.quant_method = QuantizationMethod.QUANTO
        self.weights = weights
        self.activations = activations
        self.modules_to_not_convert = modules_to_not_convert

    def to_dict(self) -> dict[str, Any]:
        """The setting that loading reads: the number of bits."""
        return {"bits": int(self.weights.removeprefix("int"))}

    @classmethod
    def from_dict(cls, config_dict: Mapping[str, Any], return_unused_kwargs: bool = False, **kwargs: Any) -> Self | Any:
        """A configuration of `bits`, or of the settings of this class, by name."""
        settings = dict(config_dict)
        if "bits" in settings:
            settings["weights"] = f"int{settings.pop('bits')}"
        return super().from_dict(settings, return_unused_kwargs, **kwargs)


class AutoQuantizationConfig:
    """Chooses the class of a quantization's settings by their `quant_method`."""

    @classmethod
    def from_dict(cls, quantization_config_dict: Mapping[str, Any]) -> BitsAndBytesConfig | QuantoConfig:
        """The configuration of settings by name.

        Raises
        ------
        InputError
            There is no `quant_method`.
        UnsupportedError
            The method has no configuration here.
        """
        is_bits = any(quantization_config_dict.get(name) for name in ("load_in_8bit", "load_in_4bit"))
        method = "bitsandbytes" if is_bits else quantization_config_dict.get("quant_method")
        if method is None:
            raise InputError("quantization_config_dict: quant_method is missing")
        known: dict[str, Any] = {"bitsandbytes": BitsAndBytesConfig, "quanto": QuantoConfig}
        if method not in known:
            raise UnsupportedError(
                f"not supported: the configuration of the method {method!r}; the settings are those of "
                "config.quantization_config, and from_pretrained reads GPTQ, AWQ and MXFP4 checkpoints without one"
            )
        found: BitsAndBytesConfig | QuantoConfig = known[method].from_dict(quantization_config_dict)
        return found
