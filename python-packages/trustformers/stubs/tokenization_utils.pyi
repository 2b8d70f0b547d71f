"""Names of transformers.tokenization_utils. Written by ci/python_stubs.py."""

from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.tokenizers.python_backend import SentencePieceBackend as SentencePieceBackend
from trustformers.utils.availability import requires_backends as requires_backends

__all__ = [
    "PreTrainedTokenizer",
    "SentencePieceBackend",
    "requires_backends",
]
