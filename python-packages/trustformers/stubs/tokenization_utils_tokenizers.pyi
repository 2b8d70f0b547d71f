"""Names of transformers.tokenization_utils_tokenizers. Written by ci/python_stubs.py."""

from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.fast import PreTrainedTokenizerFast as PreTrainedTokenizerFast
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.inputs import PreTokenizedInput as PreTokenizedInput
from trustformers.tokenizers.inputs import TextInput as TextInput
from trustformers.utils import logging as logging
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy
from trustformers.utils.enums import TruncationStrategy as TruncationStrategy
from trustformers.utils.hub_files import ADDED_TOKENS_FILE as ADDED_TOKENS_FILE
from trustformers.utils.hub_files import SPECIAL_TOKENS_MAP_FILE as SPECIAL_TOKENS_MAP_FILE
from trustformers.utils.hub_files import TOKENIZER_CONFIG_FILE as TOKENIZER_CONFIG_FILE
from trustformers.utils.hub_files import TOKENIZER_FILE as TOKENIZER_FILE

__all__ = [
    "ADDED_TOKENS_FILE",
    "BatchEncoding",
    "PaddingStrategy",
    "PreTokenizedInput",
    "PreTrainedTokenizerBase",
    "PreTrainedTokenizerFast",
    "SPECIAL_TOKENS_MAP_FILE",
    "TOKENIZER_CONFIG_FILE",
    "TOKENIZER_FILE",
    "TextInput",
    "TokenizersBackend",
    "TruncationStrategy",
    "add_end_docstrings",
    "logging",
]
