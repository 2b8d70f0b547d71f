"""Names of transformers.models.ctrl.tokenization_ctrl. Written by ci/python_stubs.py."""

from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.utils import logging as logging
from trustformers.utils.other_families import CTRLTokenizer as CTRLTokenizer

__all__ = [
    "CTRLTokenizer",
    "PreTrainedTokenizer",
    "logging",
]
