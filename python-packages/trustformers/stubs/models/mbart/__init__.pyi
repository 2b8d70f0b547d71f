"""Names of transformers.models.mbart. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import MBartTokenizer as MBartTokenizer

__all__ = [
    "MBartTokenizer",
]
