"""Names of transformers.trainer_utils. Written by ci/python_stubs.py."""

from trustformers.runtime.seed import set_seed as set_seed
from trustformers.utils import logging as logging

__all__ = [
    "logging",
    "set_seed",
]
