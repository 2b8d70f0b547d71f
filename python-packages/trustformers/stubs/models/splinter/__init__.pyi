"""Names of transformers.models.splinter. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import SplinterTokenizer as SplinterTokenizer

__all__ = [
    "SplinterTokenizer",
]
