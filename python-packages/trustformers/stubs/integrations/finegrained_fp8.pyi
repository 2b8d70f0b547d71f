"""Names of transformers.integrations.finegrained_fp8. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_kernels_available as is_kernels_available

__all__ = [
    "ACT2FN",
    "is_kernels_available",
    "logging",
]
