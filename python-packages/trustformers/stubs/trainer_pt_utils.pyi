"""Names of transformers.trainer_pt_utils. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging

__all__ = [
    "logging",
]
