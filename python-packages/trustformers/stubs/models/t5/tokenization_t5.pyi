"""Names of transformers.models.t5.tokenization_t5. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import T5Tokenizer as T5Tokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "T5Tokenizer",
    "TokenizersBackend",
    "logging",
]
