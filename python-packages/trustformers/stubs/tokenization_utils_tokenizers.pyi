"""Names of transformers.tokenization_utils_tokenizers. Written by ci/python_stubs.py."""

from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.fast import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.fast import PreTrainedTokenizerFast as PreTrainedTokenizerFast
from trustformers.utils import logging as logging

__all__ = [
    "BatchEncoding",
    "PreTrainedTokenizerBase",
    "PreTrainedTokenizerFast",
    "logging",
]
