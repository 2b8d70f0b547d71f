"""Names of transformers.models.convbert. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import ConvBertTokenizer as ConvBertTokenizer

__all__ = [
    "ConvBertTokenizer",
]
