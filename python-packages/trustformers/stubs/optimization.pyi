"""Names of transformers.optimization. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging

__all__ = [
    "logging",
]
