"""Names of transformers.distributed.fsdp. Written by ci/python_stubs.py."""

from trustformers.models.quantization_configs import QuantizationMethod as QuantizationMethod
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_fsdp_enabled as is_fsdp_enabled
from trustformers.utils.availability import is_fsdp_managed_module as is_fsdp_managed_module
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_distributed_available as is_torch_distributed_available
from trustformers.utils.conversions import strtobool as strtobool

__all__ = [
    "QuantizationMethod",
    "is_fsdp_enabled",
    "is_fsdp_managed_module",
    "is_torch_available",
    "is_torch_distributed_available",
    "logging",
    "strtobool",
]
