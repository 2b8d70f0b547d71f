"""Names of transformers.models.layoutxlm.tokenization_layoutxlm. Written by ci/python_stubs.py."""

from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.families import LayoutXLMTokenizer as LayoutXLMTokenizer
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.inputs import EncodedInput as EncodedInput
from trustformers.tokenizers.inputs import PreTokenizedInput as PreTokenizedInput
from trustformers.tokenizers.inputs import TextInput as TextInput
from trustformers.tokenizers.inputs import TextInputPair as TextInputPair
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy
from trustformers.utils.enums import TensorType as TensorType
from trustformers.utils.enums import TruncationStrategy as TruncationStrategy

__all__ = [
    "AddedToken",
    "BatchEncoding",
    "EncodedInput",
    "LayoutXLMTokenizer",
    "PaddingStrategy",
    "PreTokenizedInput",
    "TensorType",
    "TextInput",
    "TextInputPair",
    "TokenizersBackend",
    "TruncationStrategy",
    "add_end_docstrings",
    "logging",
]
