"""Names of transformers.generation.stopping_criteria. Written by ci/python_stubs.py."""

from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.utils.docstrings import add_start_docstrings as add_start_docstrings

__all__ = [
    "PreTrainedTokenizerBase",
    "add_start_docstrings",
]
