"""Names of transformers.integrations.moe. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_greater_or_equal as is_torch_greater_or_equal
from trustformers.utils.availability import is_torch_less_or_equal as is_torch_less_or_equal
from trustformers.utils.availability import is_torchdynamo_compiling as is_torchdynamo_compiling

__all__ = [
    "is_torch_available",
    "is_torch_greater_or_equal",
    "is_torch_less_or_equal",
    "is_torchdynamo_compiling",
    "logging",
]
