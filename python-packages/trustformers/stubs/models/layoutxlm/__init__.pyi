"""Names of transformers.models.layoutxlm. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import LayoutXLMTokenizer as LayoutXLMTokenizer

__all__ = [
    "LayoutXLMTokenizer",
]
