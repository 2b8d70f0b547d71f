"""Names of transformers.integrations.sdpa_attention. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_greater_or_equal as is_torch_greater_or_equal
from trustformers.utils.availability import is_torch_mps_available as is_torch_mps_available
from trustformers.utils.availability import is_torch_npu_available as is_torch_npu_available
from trustformers.utils.availability import is_torch_xpu_available as is_torch_xpu_available
from trustformers.utils.availability import is_torchdynamo_compiling as is_torchdynamo_compiling

__all__ = [
    "is_torch_greater_or_equal",
    "is_torch_mps_available",
    "is_torch_npu_available",
    "is_torch_xpu_available",
    "is_torchdynamo_compiling",
    "logging",
]
