"""Names of transformers.models.nougat.tokenization_nougat. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import NougatTokenizer as NougatTokenizer

__all__ = [
    "NougatTokenizer",
]
