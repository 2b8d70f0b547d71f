"""Names of transformers.integrations.tpu. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_xla_available as is_torch_xla_available
from trustformers.utils.hub_files import WEIGHTS_NAME as WEIGHTS_NAME

__all__ = [
    "WEIGHTS_NAME",
    "is_torch_xla_available",
    "logging",
]
