"""Names of transformers.integrations.higgs. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_flute_available as is_flute_available
from trustformers.utils.availability import is_hadamard_available as is_hadamard_available
from trustformers.utils.availability import is_torch_available as is_torch_available

__all__ = [
    "is_flute_available",
    "is_hadamard_available",
    "is_torch_available",
    "logging",
]
