"""Names of transformers.models.m2m_100. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import M2M100Tokenizer as M2M100Tokenizer
from trustformers.utils.other_families import M2M100Config as M2M100Config

__all__ = [
    "M2M100Config",
    "M2M100Tokenizer",
]
