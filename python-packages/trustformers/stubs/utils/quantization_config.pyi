"""Names of transformers.utils.quantization_config. Written by ci/python_stubs.py."""

from trustformers.models.quantization_configs import BitsAndBytesConfig as BitsAndBytesConfig
from trustformers.models.quantization_configs import QuantizationConfigMixin as QuantizationConfigMixin
from trustformers.models.quantization_configs import QuantizationMethod as QuantizationMethod
from trustformers.models.quantization_configs import QuantoConfig as QuantoConfig
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_compressed_tensors_available as is_compressed_tensors_available
from trustformers.utils.availability import is_hqq_available as is_hqq_available
from trustformers.utils.availability import is_quark_available as is_quark_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torchao_available as is_torchao_available

__all__ = [
    "BitsAndBytesConfig",
    "QuantizationConfigMixin",
    "QuantizationMethod",
    "QuantoConfig",
    "is_compressed_tensors_available",
    "is_hqq_available",
    "is_quark_available",
    "is_torch_available",
    "is_torchao_available",
    "logging",
]
