"""Names of transformers.models.auto.tokenization_auto. Written by ci/python_stubs.py."""

from trustformers.models.mappings import TOKENIZER_MAPPING as TOKENIZER_MAPPING
from trustformers.models.mappings import TOKENIZER_MAPPING_NAMES as TOKENIZER_MAPPING_NAMES
from trustformers.tokenizers.auto import AutoTokenizer as AutoTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.python_backend import SentencePieceBackend as SentencePieceBackend

__all__ = [
    "AutoTokenizer",
    "SentencePieceBackend",
    "TOKENIZER_MAPPING",
    "TOKENIZER_MAPPING_NAMES",
    "TokenizersBackend",
]
