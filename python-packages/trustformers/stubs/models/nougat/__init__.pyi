"""Names of transformers.models.nougat. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import NougatTokenizer as NougatTokenizer

__all__ = [
    "NougatTokenizer",
]
