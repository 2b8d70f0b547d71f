"""Names of transformers.models.funnel.tokenization_funnel. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import FunnelTokenizer as FunnelTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging

__all__ = [
    "FunnelTokenizer",
    "TokenizersBackend",
    "logging",
]
