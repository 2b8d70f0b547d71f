"""Names of transformers.integrations.accelerate. Written by ci/python_stubs.py."""

from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.quantization_configs import QuantizationMethod as QuantizationMethod
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_accelerate_available as is_accelerate_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_xpu_available as is_torch_xpu_available

__all__ = [
    "PreTrainedModel",
    "QuantizationMethod",
    "is_accelerate_available",
    "is_torch_available",
    "is_torch_xpu_available",
    "logging",
]
