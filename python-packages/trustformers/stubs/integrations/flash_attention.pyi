"""Names of transformers.integrations.flash_attention. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging

__all__ = [
    "logging",
]
