"""Names of transformers.models.m2m_100.tokenization_m2m_100. Written by ci/python_stubs.py."""

from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.families import M2M100Tokenizer as M2M100Tokenizer
from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.utils import logging as logging

__all__ = [
    "BatchEncoding",
    "M2M100Tokenizer",
    "PreTrainedTokenizer",
    "logging",
]
