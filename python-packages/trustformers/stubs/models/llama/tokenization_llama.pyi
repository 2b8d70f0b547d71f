"""Names of transformers.models.llama.tokenization_llama. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import LlamaTokenizer as LlamaTokenizer
from trustformers.tokenizers.families import LlamaTokenizerFast as LlamaTokenizerFast
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "LlamaTokenizer",
    "LlamaTokenizerFast",
    "TokenizersBackend",
    "logging",
]
