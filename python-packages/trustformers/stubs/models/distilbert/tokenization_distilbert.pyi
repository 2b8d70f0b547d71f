"""Names of transformers.models.distilbert.tokenization_distilbert. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BertTokenizer as BertTokenizer
from trustformers.tokenizers.families import DistilBertTokenizer as DistilBertTokenizer
from trustformers.tokenizers.families import DistilBertTokenizerFast as DistilBertTokenizerFast

__all__ = [
    "BertTokenizer",
    "DistilBertTokenizer",
    "DistilBertTokenizerFast",
]
