"""Names of transformers.models.squeezebert.tokenization_squeezebert. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BertTokenizer as BertTokenizer
from trustformers.tokenizers.families import SqueezeBertTokenizer as SqueezeBertTokenizer
from trustformers.tokenizers.families import SqueezeBertTokenizerFast as SqueezeBertTokenizerFast

__all__ = [
    "BertTokenizer",
    "SqueezeBertTokenizer",
    "SqueezeBertTokenizerFast",
]
