"""Names of transformers.trainer_callback. Written by ci/python_stubs.py."""

from trustformers.training.strategies import IntervalStrategy as IntervalStrategy
from trustformers.training.strategies import SaveStrategy as SaveStrategy
from trustformers.utils import logging as logging

__all__ = [
    "IntervalStrategy",
    "SaveStrategy",
    "logging",
]
