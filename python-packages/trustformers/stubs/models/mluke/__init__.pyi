"""Names of transformers.models.mluke. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import MLukeTokenizer as MLukeTokenizer

__all__ = [
    "MLukeTokenizer",
]
