"""Names of transformers.models.xlm.tokenization_xlm. Written by ci/python_stubs.py."""

from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.utils import logging as logging
from trustformers.utils.other_families import XLMTokenizer as XLMTokenizer

__all__ = [
    "PreTrainedTokenizer",
    "XLMTokenizer",
    "logging",
]
