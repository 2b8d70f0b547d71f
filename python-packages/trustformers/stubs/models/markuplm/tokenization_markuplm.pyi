"""Names of transformers.models.markuplm.tokenization_markuplm. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import MarkupLMTokenizer as MarkupLMTokenizer
from trustformers.tokenizers.families import MarkupLMTokenizerFast as MarkupLMTokenizerFast

__all__ = [
    "MarkupLMTokenizer",
    "MarkupLMTokenizerFast",
]
