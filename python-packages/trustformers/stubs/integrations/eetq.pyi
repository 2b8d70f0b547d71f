"""Names of transformers.integrations.eetq. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_available as is_torch_available

__all__ = [
    "is_torch_available",
    "logging",
]
