"""Names of transformers.integrations.bitsandbytes. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_accelerate_available as is_accelerate_available
from trustformers.utils.availability import is_bitsandbytes_available as is_bitsandbytes_available
from trustformers.utils.availability import is_torch_available as is_torch_available

__all__ = [
    "is_accelerate_available",
    "is_bitsandbytes_available",
    "is_torch_available",
    "logging",
]
