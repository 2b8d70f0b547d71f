"""Names of transformers.models.gpt_neox.tokenization_gpt_neox. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import GPTNeoXTokenizer as GPTNeoXTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "GPTNeoXTokenizer",
    "TokenizersBackend",
    "logging",
]
