"""Names of transformers.models.mpnet.tokenization_mpnet. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import MPNetTokenizer as MPNetTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging

__all__ = [
    "AddedToken",
    "MPNetTokenizer",
    "TokenizersBackend",
    "logging",
]
