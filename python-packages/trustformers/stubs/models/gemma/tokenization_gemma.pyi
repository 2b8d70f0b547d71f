"""Names of transformers.models.gemma.tokenization_gemma. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import GemmaTokenizer as GemmaTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "GemmaTokenizer",
    "TokenizersBackend",
    "logging",
]
