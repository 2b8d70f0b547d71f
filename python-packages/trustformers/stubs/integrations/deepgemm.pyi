"""Names of transformers.integrations.deepgemm. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_kernels_available as is_kernels_available

__all__ = [
    "is_kernels_available",
    "logging",
]
