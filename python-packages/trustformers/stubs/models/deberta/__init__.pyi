"""Names of transformers.models.deberta. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import DebertaTokenizer as DebertaTokenizer

__all__ = [
    "DebertaTokenizer",
]
