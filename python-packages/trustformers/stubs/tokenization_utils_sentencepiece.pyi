"""Names of transformers.tokenization_utils_sentencepiece. Written by ci/python_stubs.py."""

from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.tokenizers.python_backend import SentencePieceBackend as SentencePieceBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging
from trustformers.utils.availability import requires_backends as requires_backends
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.hub_files import SPIECE_UNDERLINE as SPIECE_UNDERLINE

__all__ = [
    "AddedToken",
    "PreTrainedTokenizer",
    "SPIECE_UNDERLINE",
    "SentencePieceBackend",
    "add_end_docstrings",
    "logging",
    "requires_backends",
]
