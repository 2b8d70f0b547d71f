"""Names of transformers.optimization. Written by ci/python_stubs.py."""

from trustformers.training.strategies import SchedulerType as SchedulerType
from trustformers.utils import logging as logging

__all__ = [
    "SchedulerType",
    "logging",
]
