"""Names of transformers.tokenization_utils_fast. Written by ci/python_stubs.py."""

from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.fast import PreTrainedTokenizerFast as PreTrainedTokenizerFast
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy
from trustformers.utils.enums import TruncationStrategy as TruncationStrategy
from trustformers.utils.hub_files import cached_file as cached_file

__all__ = [
    "BatchEncoding",
    "PaddingStrategy",
    "PreTrainedTokenizerBase",
    "PreTrainedTokenizerFast",
    "TokenizersBackend",
    "TruncationStrategy",
    "add_end_docstrings",
    "cached_file",
]
