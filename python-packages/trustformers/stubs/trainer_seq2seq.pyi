"""Names of transformers.trainer_seq2seq. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.tokenizers.fast import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.utils import logging as logging

__all__ = [
    "GenerationConfig",
    "PreTrainedModel",
    "PreTrainedTokenizerBase",
    "logging",
]
