"""Names of transformers.models.bert.tokenization_bert. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BertTokenizer as BertTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "BertTokenizer",
    "TokenizersBackend",
    "logging",
]
