"""Names of transformers.models.blenderbot.tokenization_blenderbot. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BlenderbotTokenizer as BlenderbotTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging

__all__ = [
    "AddedToken",
    "BlenderbotTokenizer",
    "TokenizersBackend",
    "logging",
]
