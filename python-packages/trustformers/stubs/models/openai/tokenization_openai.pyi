"""Names of transformers.models.openai.tokenization_openai. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import OpenAIGPTTokenizer as OpenAIGPTTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "OpenAIGPTTokenizer",
    "TokenizersBackend",
    "logging",
]
