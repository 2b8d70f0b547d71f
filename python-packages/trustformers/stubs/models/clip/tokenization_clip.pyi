"""Names of transformers.models.clip.tokenization_clip. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import CLIPTokenizer as CLIPTokenizer

__all__ = [
    "CLIPTokenizer",
]
