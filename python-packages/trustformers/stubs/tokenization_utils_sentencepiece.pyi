"""Names of transformers.tokenization_utils_sentencepiece. Written by ci/python_stubs.py."""

from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging
from trustformers.utils.availability import requires_backends as requires_backends
from trustformers.utils.hub_files import SPIECE_UNDERLINE as SPIECE_UNDERLINE

__all__ = [
    "AddedToken",
    "SPIECE_UNDERLINE",
    "logging",
    "requires_backends",
]
