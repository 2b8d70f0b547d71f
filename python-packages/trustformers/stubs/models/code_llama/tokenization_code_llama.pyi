"""Names of transformers.models.code_llama.tokenization_code_llama. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import CodeLlamaTokenizer as CodeLlamaTokenizer
from trustformers.tokenizers.families import CodeLlamaTokenizerFast as CodeLlamaTokenizerFast
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "CodeLlamaTokenizer",
    "CodeLlamaTokenizerFast",
    "TokenizersBackend",
    "logging",
]
