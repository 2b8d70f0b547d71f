"""Names of transformers.models.qwen3_5.tokenization_qwen3_5. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import Qwen3_5Tokenizer as Qwen3_5Tokenizer

__all__ = [
    "Qwen3_5Tokenizer",
]
