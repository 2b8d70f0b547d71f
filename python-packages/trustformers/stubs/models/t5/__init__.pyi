"""Names of transformers.models.t5. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import T5Tokenizer as T5Tokenizer

__all__ = [
    "T5Tokenizer",
]
