"""Names of transformers.models.reformer.tokenization_reformer. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import ReformerTokenizer as ReformerTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "ReformerTokenizer",
    "TokenizersBackend",
    "logging",
]
