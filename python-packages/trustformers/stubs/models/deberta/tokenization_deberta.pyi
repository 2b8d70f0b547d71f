"""Names of transformers.models.deberta.tokenization_deberta. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import DebertaTokenizer as DebertaTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "DebertaTokenizer",
    "TokenizersBackend",
    "logging",
]
