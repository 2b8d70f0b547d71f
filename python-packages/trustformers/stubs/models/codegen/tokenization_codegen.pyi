"""Names of transformers.models.codegen.tokenization_codegen. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import CodeGenTokenizer as CodeGenTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_available as is_torch_available

__all__ = [
    "CodeGenTokenizer",
    "TokenizersBackend",
    "is_torch_available",
    "logging",
]
