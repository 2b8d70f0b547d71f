"""Names of transformers.quantizers.auto. Written by ci/python_stubs.py."""

from trustformers.models.auto_config import AutoConfig as AutoConfig
from trustformers.models.quantization_configs import AutoQuantizationConfig as AutoQuantizationConfig
from trustformers.models.quantization_configs import BitsAndBytesConfig as BitsAndBytesConfig
from trustformers.models.quantization_configs import QuantizationConfigMixin as QuantizationConfigMixin
from trustformers.models.quantization_configs import QuantizationMethod as QuantizationMethod
from trustformers.models.quantization_configs import QuantoConfig as QuantoConfig
from trustformers.utils import logging as logging

__all__ = [
    "AutoConfig",
    "AutoQuantizationConfig",
    "BitsAndBytesConfig",
    "QuantizationConfigMixin",
    "QuantizationMethod",
    "QuantoConfig",
    "logging",
]
