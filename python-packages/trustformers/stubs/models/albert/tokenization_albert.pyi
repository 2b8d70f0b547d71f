"""Names of transformers.models.albert.tokenization_albert. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import AlbertTokenizer as AlbertTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "AlbertTokenizer",
    "TokenizersBackend",
    "logging",
]
