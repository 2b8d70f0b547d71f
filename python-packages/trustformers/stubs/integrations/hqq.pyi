"""Names of transformers.integrations.hqq. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_hqq_available as is_hqq_available
from trustformers.utils.availability import is_torch_available as is_torch_available

__all__ = [
    "is_hqq_available",
    "is_torch_available",
    "logging",
]
