"""Names of transformers.models.code_llama. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import CodeLlamaTokenizer as CodeLlamaTokenizer
from trustformers.tokenizers.families import CodeLlamaTokenizerFast as CodeLlamaTokenizerFast

__all__ = [
    "CodeLlamaTokenizer",
    "CodeLlamaTokenizerFast",
]
