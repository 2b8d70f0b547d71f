"""Names of transformers.models.gpt2.tokenization_gpt2. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import GPT2Tokenizer as GPT2Tokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging

__all__ = [
    "AddedToken",
    "GPT2Tokenizer",
    "TokenizersBackend",
    "logging",
]
