"""Names of transformers.models.blenderbot_small.tokenization_blenderbot_small. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BlenderbotSmallTokenizer as BlenderbotSmallTokenizer
from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.utils import logging as logging

__all__ = [
    "BlenderbotSmallTokenizer",
    "PreTrainedTokenizer",
    "logging",
]
