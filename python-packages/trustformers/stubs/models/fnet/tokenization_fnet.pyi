"""Names of transformers.models.fnet.tokenization_fnet. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import AlbertTokenizer as AlbertTokenizer
from trustformers.tokenizers.families import FNetTokenizer as FNetTokenizer
from trustformers.tokenizers.families import FNetTokenizerFast as FNetTokenizerFast
from trustformers.utils import logging as logging

__all__ = [
    "AlbertTokenizer",
    "FNetTokenizer",
    "FNetTokenizerFast",
    "logging",
]
