"""Names of transformers.integrations.liger. Written by ci/python_stubs.py."""

from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_liger_kernel_available as is_liger_kernel_available

__all__ = [
    "PreTrainedModel",
    "is_liger_kernel_available",
    "logging",
]
