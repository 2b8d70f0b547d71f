"""Names of transformers.models.luke. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import LukeTokenizer as LukeTokenizer

__all__ = [
    "LukeTokenizer",
]
