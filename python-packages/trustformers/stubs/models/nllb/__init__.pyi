"""Names of transformers.models.nllb. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import NllbTokenizer as NllbTokenizer

__all__ = [
    "NllbTokenizer",
]
