"""Names of transformers.integrations.fbgemm_fp8. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_accelerate_available as is_accelerate_available
from trustformers.utils.availability import is_fbgemm_gpu_available as is_fbgemm_gpu_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_xpu_available as is_torch_xpu_available

__all__ = [
    "ACT2FN",
    "is_accelerate_available",
    "is_fbgemm_gpu_available",
    "is_torch_available",
    "is_torch_xpu_available",
    "logging",
]
