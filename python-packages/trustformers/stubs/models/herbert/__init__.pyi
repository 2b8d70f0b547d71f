"""Names of transformers.models.herbert. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import HerbertTokenizer as HerbertTokenizer

__all__ = [
    "HerbertTokenizer",
]
