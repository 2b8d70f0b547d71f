"""Names of transformers.integrations.fsdp. Written by ci/python_stubs.py."""

from trustformers.utils.availability import is_fsdp_enabled as is_fsdp_enabled
from trustformers.utils.availability import is_fsdp_managed_module as is_fsdp_managed_module

__all__ = [
    "is_fsdp_enabled",
    "is_fsdp_managed_module",
]
