"""Names of transformers.models.big_bird. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BigBirdTokenizer as BigBirdTokenizer

__all__ = [
    "BigBirdTokenizer",
]
