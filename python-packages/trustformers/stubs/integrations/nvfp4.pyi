"""Names of transformers.integrations.nvfp4. Written by ci/python_stubs.py."""

from trustformers.utils.availability import is_kernels_available as is_kernels_available
from trustformers.utils.availability import is_torch_available as is_torch_available

__all__ = [
    "is_kernels_available",
    "is_torch_available",
]
