"""Names of transformers.integrations.npu_flash_attention. Written by ci/python_stubs.py."""

from trustformers.utils.availability import is_torch_npu_available as is_torch_npu_available

__all__ = [
    "is_torch_npu_available",
]
