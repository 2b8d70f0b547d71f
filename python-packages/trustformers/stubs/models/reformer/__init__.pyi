"""Names of transformers.models.reformer. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import ReformerTokenizer as ReformerTokenizer

__all__ = [
    "ReformerTokenizer",
]
