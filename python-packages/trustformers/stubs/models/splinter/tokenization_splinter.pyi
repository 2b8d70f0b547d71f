"""Names of transformers.models.splinter.tokenization_splinter. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import SplinterTokenizer as SplinterTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "SplinterTokenizer",
    "TokenizersBackend",
    "logging",
]
