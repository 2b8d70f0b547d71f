"""Names of transformers.integrations.compressed_tensors. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_greater_or_equal as is_torch_greater_or_equal

__all__ = [
    "is_torch_greater_or_equal",
    "logging",
]
