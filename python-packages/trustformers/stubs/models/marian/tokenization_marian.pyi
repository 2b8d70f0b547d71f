"""Names of transformers.models.marian.tokenization_marian. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import MarianTokenizer as MarianTokenizer
from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.utils import logging as logging

__all__ = [
    "MarianTokenizer",
    "PreTrainedTokenizer",
    "logging",
]
