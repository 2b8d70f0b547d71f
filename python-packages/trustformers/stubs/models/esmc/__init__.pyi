"""Names of transformers.models.esmc. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import EsmcTokenizer as EsmcTokenizer

__all__ = [
    "EsmcTokenizer",
]
