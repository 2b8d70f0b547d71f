"""Names of transformers.models.esmc.tokenization_esmc. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import EsmcTokenizer as EsmcTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "EsmcTokenizer",
    "TokenizersBackend",
    "logging",
]
