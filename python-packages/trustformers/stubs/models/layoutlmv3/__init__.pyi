"""Names of transformers.models.layoutlmv3. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import LayoutLMv3Tokenizer as LayoutLMv3Tokenizer
from trustformers.tokenizers.families import LayoutLMv3TokenizerFast as LayoutLMv3TokenizerFast

__all__ = [
    "LayoutLMv3Tokenizer",
    "LayoutLMv3TokenizerFast",
]
