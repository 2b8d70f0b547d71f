"""Names of transformers.models.layoutlmv2.tokenization_layoutlmv2. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import LayoutLMv2Tokenizer as LayoutLMv2Tokenizer

__all__ = [
    "LayoutLMv2Tokenizer",
]
