"""Names of transformers.models.clip. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import CLIPTokenizer as CLIPTokenizer

__all__ = [
    "CLIPTokenizer",
]
