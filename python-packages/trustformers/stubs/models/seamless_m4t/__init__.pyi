"""Names of transformers.models.seamless_m4t. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import SeamlessM4TTokenizer as SeamlessM4TTokenizer

__all__ = [
    "SeamlessM4TTokenizer",
]
