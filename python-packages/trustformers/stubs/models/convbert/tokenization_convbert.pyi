"""Names of transformers.models.convbert.tokenization_convbert. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BertTokenizer as BertTokenizer
from trustformers.tokenizers.families import ConvBertTokenizer as ConvBertTokenizer

__all__ = [
    "BertTokenizer",
    "ConvBertTokenizer",
]
