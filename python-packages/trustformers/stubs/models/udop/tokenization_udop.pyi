"""Names of transformers.models.udop.tokenization_udop. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import UdopTokenizer as UdopTokenizer

__all__ = [
    "UdopTokenizer",
]
