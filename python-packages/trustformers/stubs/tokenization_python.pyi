"""Names of transformers.tokenization_python. Written by ci/python_stubs.py."""

from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.inputs import EncodedInput as EncodedInput
from trustformers.tokenizers.inputs import PreTokenizedInput as PreTokenizedInput
from trustformers.tokenizers.inputs import TextInput as TextInput
from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.tokenizers.python_backend import PythonBackend as PythonBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy
from trustformers.utils.enums import TensorType as TensorType
from trustformers.utils.enums import TruncationStrategy as TruncationStrategy
from trustformers.utils.hub_files import ADDED_TOKENS_FILE as ADDED_TOKENS_FILE
from trustformers.utils.hub_files import SPECIAL_TOKENS_MAP_FILE as SPECIAL_TOKENS_MAP_FILE
from trustformers.utils.hub_files import TOKENIZER_CONFIG_FILE as TOKENIZER_CONFIG_FILE

__all__ = [
    "ADDED_TOKENS_FILE",
    "AddedToken",
    "BatchEncoding",
    "EncodedInput",
    "PaddingStrategy",
    "PreTokenizedInput",
    "PreTrainedTokenizer",
    "PreTrainedTokenizerBase",
    "PythonBackend",
    "SPECIAL_TOKENS_MAP_FILE",
    "TOKENIZER_CONFIG_FILE",
    "TensorType",
    "TextInput",
    "TruncationStrategy",
    "add_end_docstrings",
    "logging",
]
