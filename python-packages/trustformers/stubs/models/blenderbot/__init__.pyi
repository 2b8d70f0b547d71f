"""Names of transformers.models.blenderbot. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BlenderbotTokenizer as BlenderbotTokenizer

__all__ = [
    "BlenderbotTokenizer",
]
