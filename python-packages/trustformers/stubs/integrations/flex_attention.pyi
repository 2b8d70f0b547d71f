"""Names of transformers.integrations.flex_attention. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import get_torch_version as get_torch_version
from trustformers.utils.availability import is_torch_flex_attn_available as is_torch_flex_attn_available
from trustformers.utils.availability import is_torch_greater_or_equal as is_torch_greater_or_equal
from trustformers.utils.availability import is_torchdynamo_compiling as is_torchdynamo_compiling

__all__ = [
    "get_torch_version",
    "is_torch_flex_attn_available",
    "is_torch_greater_or_equal",
    "is_torchdynamo_compiling",
    "logging",
]
