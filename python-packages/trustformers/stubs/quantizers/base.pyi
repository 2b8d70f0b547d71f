"""Names of transformers.quantizers.base. Written by ci/python_stubs.py."""

from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.quantization_configs import QuantizationConfigMixin as QuantizationConfigMixin
from trustformers.models.quantization_configs import QuantizationMethod as QuantizationMethod
from trustformers.models.submodules import ModuleList as ModuleList
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_available as is_torch_available

__all__ = [
    "ModuleList",
    "PreTrainedModel",
    "QuantizationConfigMixin",
    "QuantizationMethod",
    "is_torch_available",
    "logging",
]
