"""Names of transformers.models.cohere.tokenization_cohere. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import CohereTokenizer as CohereTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "CohereTokenizer",
    "TokenizersBackend",
    "logging",
]
