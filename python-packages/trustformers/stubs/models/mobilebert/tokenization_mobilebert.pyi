"""Names of transformers.models.mobilebert.tokenization_mobilebert. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BertTokenizer as BertTokenizer
from trustformers.tokenizers.families import MobileBertTokenizer as MobileBertTokenizer
from trustformers.tokenizers.families import MobileBertTokenizerFast as MobileBertTokenizerFast

__all__ = [
    "BertTokenizer",
    "MobileBertTokenizer",
    "MobileBertTokenizerFast",
]
