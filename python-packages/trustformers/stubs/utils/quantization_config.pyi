"""Names of transformers.utils.quantization_config. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging

__all__ = [
    "logging",
]
