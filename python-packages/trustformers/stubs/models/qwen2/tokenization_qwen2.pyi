"""Names of transformers.models.qwen2.tokenization_qwen2. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import Qwen2Tokenizer as Qwen2Tokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "Qwen2Tokenizer",
    "TokenizersBackend",
    "logging",
]
