"""Names of transformers.models.bart.tokenization_bart. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BartTokenizer as BartTokenizer
from trustformers.tokenizers.families import BartTokenizerFast as BartTokenizerFast

__all__ = [
    "BartTokenizer",
    "BartTokenizerFast",
]
