"""Names of transformers.models.xglm.tokenization_xglm. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import XGLMTokenizer as XGLMTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "TokenizersBackend",
    "XGLMTokenizer",
    "logging",
]
