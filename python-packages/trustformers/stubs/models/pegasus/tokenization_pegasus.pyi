"""Names of transformers.models.pegasus.tokenization_pegasus. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import PegasusTokenizer as PegasusTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "PegasusTokenizer",
    "TokenizersBackend",
    "logging",
]
