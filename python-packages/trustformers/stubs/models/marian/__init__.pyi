"""Names of transformers.models.marian. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import MarianTokenizer as MarianTokenizer
from trustformers.utils.other_families import MarianConfig as MarianConfig

__all__ = [
    "MarianConfig",
    "MarianTokenizer",
]
