"""Names of transformers.models.big_bird.tokenization_big_bird. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BigBirdTokenizer as BigBirdTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging

__all__ = [
    "AddedToken",
    "BigBirdTokenizer",
    "TokenizersBackend",
    "logging",
]
