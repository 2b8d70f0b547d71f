"""Names of transformers.models.roberta.tokenization_roberta. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import RobertaTokenizer as RobertaTokenizer
from trustformers.tokenizers.families import RobertaTokenizerFast as RobertaTokenizerFast
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "RobertaTokenizer",
    "RobertaTokenizerFast",
    "TokenizersBackend",
    "logging",
]
