"""Names of transformers.models.barthez. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BarthezTokenizer as BarthezTokenizer

__all__ = [
    "BarthezTokenizer",
]
