"""Names of transformers.models.roformer.tokenization_roformer. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import RoFormerTokenizer as RoFormerTokenizer
from trustformers.tokenizers.families import RoFormerTokenizerFast as RoFormerTokenizerFast
from trustformers.tokenizers.fast import PreTrainedTokenizerFast as PreTrainedTokenizerFast
from trustformers.utils import logging as logging

__all__ = [
    "PreTrainedTokenizerFast",
    "RoFormerTokenizer",
    "RoFormerTokenizerFast",
    "logging",
]
