"""Names of transformers.models.xlnet. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import XLNetTokenizer as XLNetTokenizer
from trustformers.utils.other_families import XLNetConfig as XLNetConfig
from trustformers.utils.other_families import XLNetLMHeadModel as XLNetLMHeadModel

__all__ = [
    "XLNetConfig",
    "XLNetLMHeadModel",
    "XLNetTokenizer",
]
