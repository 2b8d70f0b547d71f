"""Names of transformers.models.mbart50. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import MBart50Tokenizer as MBart50Tokenizer

__all__ = [
    "MBart50Tokenizer",
]
