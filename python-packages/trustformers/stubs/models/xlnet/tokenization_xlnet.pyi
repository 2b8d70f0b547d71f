"""Names of transformers.models.xlnet.tokenization_xlnet. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import XLNetTokenizer as XLNetTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "TokenizersBackend",
    "XLNetTokenizer",
    "logging",
]
