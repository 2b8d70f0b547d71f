"""Names of transformers.models.xlm. Written by ci/python_stubs.py."""

from trustformers.utils.other_families import XLMConfig as XLMConfig
from trustformers.utils.other_families import XLMTokenizer as XLMTokenizer
from trustformers.utils.other_families import XLMWithLMHeadModel as XLMWithLMHeadModel

__all__ = [
    "XLMConfig",
    "XLMTokenizer",
    "XLMWithLMHeadModel",
]
