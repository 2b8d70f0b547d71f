"""Names of transformers.models.rembert.tokenization_rembert. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import RemBertTokenizer as RemBertTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "RemBertTokenizer",
    "TokenizersBackend",
    "logging",
]
