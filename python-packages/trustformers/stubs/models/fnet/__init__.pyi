"""Names of transformers.models.fnet. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import FNetTokenizer as FNetTokenizer
from trustformers.tokenizers.families import FNetTokenizerFast as FNetTokenizerFast

__all__ = [
    "FNetTokenizer",
    "FNetTokenizerFast",
]
