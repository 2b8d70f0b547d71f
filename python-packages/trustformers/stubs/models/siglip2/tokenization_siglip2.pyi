"""Names of transformers.models.siglip2.tokenization_siglip2. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import Siglip2Tokenizer as Siglip2Tokenizer

__all__ = [
    "Siglip2Tokenizer",
]
