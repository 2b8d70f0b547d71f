"""Names of transformers.models.codegen. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import CodeGenTokenizer as CodeGenTokenizer

__all__ = [
    "CodeGenTokenizer",
]
