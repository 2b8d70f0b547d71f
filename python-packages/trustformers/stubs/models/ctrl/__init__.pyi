"""Names of transformers.models.ctrl. Written by ci/python_stubs.py."""

from trustformers.utils.other_families import CTRLLMHeadModel as CTRLLMHeadModel
from trustformers.utils.other_families import CTRLTokenizer as CTRLTokenizer

__all__ = [
    "CTRLLMHeadModel",
    "CTRLTokenizer",
]
