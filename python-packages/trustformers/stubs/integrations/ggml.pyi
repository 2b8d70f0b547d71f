"""Names of transformers.integrations.ggml. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging

__all__ = [
    "logging",
]
