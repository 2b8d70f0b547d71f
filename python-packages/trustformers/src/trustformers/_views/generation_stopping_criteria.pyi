"""Names of transformers.generation.stopping_criteria. Written by ci/python_stubs.py."""

from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase

__all__ = [
    "PreTrainedTokenizerBase",
]
