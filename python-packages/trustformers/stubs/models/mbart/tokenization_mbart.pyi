"""Names of transformers.models.mbart.tokenization_mbart. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import MBartTokenizer as MBartTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging

__all__ = [
    "AddedToken",
    "MBartTokenizer",
    "TokenizersBackend",
    "logging",
]
