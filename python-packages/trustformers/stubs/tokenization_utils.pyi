"""Names of transformers.tokenization_utils. Written by ci/python_stubs.py."""

from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.tokenizers.python_backend import SentencePieceBackend as SentencePieceBackend
from trustformers.utils.availability import requires_backends as requires_backends
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings

__all__ = [
    "PreTrainedTokenizer",
    "SentencePieceBackend",
    "add_end_docstrings",
    "requires_backends",
]
