"""Names of transformers.models.xlnet. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import XLNetTokenizer as XLNetTokenizer

__all__ = [
    "XLNetTokenizer",
]
