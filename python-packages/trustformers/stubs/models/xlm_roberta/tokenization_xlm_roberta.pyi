"""Names of transformers.models.xlm_roberta.tokenization_xlm_roberta. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import XLMRobertaTokenizer as XLMRobertaTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "TokenizersBackend",
    "XLMRobertaTokenizer",
    "logging",
]
