"""Names of transformers.models.auto.tokenization_auto. Written by ci/python_stubs.py."""

from trustformers.tokenizers.auto import AutoTokenizer as AutoTokenizer

__all__ = [
    "AutoTokenizer",
]
