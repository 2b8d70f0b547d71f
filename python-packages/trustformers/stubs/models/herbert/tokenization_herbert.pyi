"""Names of transformers.models.herbert.tokenization_herbert. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import HerbertTokenizer as HerbertTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "HerbertTokenizer",
    "TokenizersBackend",
    "logging",
]
