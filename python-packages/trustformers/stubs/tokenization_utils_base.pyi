"""Names of transformers.tokenization_utils_base. Written by ci/python_stubs.py."""

from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.batch_encoding import CharSpan as CharSpan
from trustformers.tokenizers.batch_encoding import TokenSpan as TokenSpan
from trustformers.tokenizers.fast import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging

__all__ = [
    "AddedToken",
    "BatchEncoding",
    "CharSpan",
    "PreTrainedTokenizerBase",
    "TokenSpan",
    "logging",
]
