"""Names of transformers.tokenization_utils_sentencepiece. Written by ci/python_stubs.py."""

from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging

__all__ = [
    "AddedToken",
    "logging",
]
