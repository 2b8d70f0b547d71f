"""Names of transformers.models.nllb.tokenization_nllb. Written by ci/python_stubs.py."""

from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.families import NllbTokenizer as NllbTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging

__all__ = [
    "AddedToken",
    "BatchEncoding",
    "NllbTokenizer",
    "TokenizersBackend",
    "logging",
]
