"""Names of transformers.models.deberta_v2.tokenization_deberta_v2. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import DebertaV2Tokenizer as DebertaV2Tokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "DebertaV2Tokenizer",
    "TokenizersBackend",
    "logging",
]
