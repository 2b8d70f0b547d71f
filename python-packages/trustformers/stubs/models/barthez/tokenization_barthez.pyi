"""Names of transformers.models.barthez.tokenization_barthez. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BarthezTokenizer as BarthezTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging

__all__ = [
    "AddedToken",
    "BarthezTokenizer",
    "TokenizersBackend",
    "logging",
]
