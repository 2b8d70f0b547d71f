"""Names of transformers.models.camembert.tokenization_camembert. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import CamembertTokenizer as CamembertTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging

__all__ = [
    "AddedToken",
    "CamembertTokenizer",
    "TokenizersBackend",
    "logging",
]
