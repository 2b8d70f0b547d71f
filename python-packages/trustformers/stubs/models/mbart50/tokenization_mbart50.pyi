"""Names of transformers.models.mbart50.tokenization_mbart50. Written by ci/python_stubs.py."""

from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.families import MBart50Tokenizer as MBart50Tokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging

__all__ = [
    "AddedToken",
    "BatchEncoding",
    "MBart50Tokenizer",
    "TokenizersBackend",
    "logging",
]
