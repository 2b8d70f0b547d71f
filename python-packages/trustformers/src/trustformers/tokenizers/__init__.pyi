"""Names of trustformers.tokenizers. Written by ci/python_stubs.py."""

from trustformers.tokenizers.auto import AutoTokenizer as AutoTokenizer
from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.batch_encoding import CharSpan as CharSpan
from trustformers.tokenizers.batch_encoding import Encoding as Encoding
from trustformers.tokenizers.batch_encoding import TokenSpan as TokenSpan
from trustformers.tokenizers.collators import DataCollator as DataCollator
from trustformers.tokenizers.collators import DataCollatorForMultipleChoice as DataCollatorForMultipleChoice
from trustformers.tokenizers.collators import DataCollatorForSeq2Seq as DataCollatorForSeq2Seq
from trustformers.tokenizers.collators import DataCollatorForTokenClassification as DataCollatorForTokenClassification
from trustformers.tokenizers.collators import DataCollatorMixin as DataCollatorMixin
from trustformers.tokenizers.collators import DataCollatorWithFlattening as DataCollatorWithFlattening
from trustformers.tokenizers.collators import DataCollatorWithPadding as DataCollatorWithPadding
from trustformers.tokenizers.collators import DefaultDataCollator as DefaultDataCollator
from trustformers.tokenizers.collators import default_data_collator as default_data_collator
from trustformers.tokenizers.fast import PreTrainedTokenizerFast as PreTrainedTokenizerFast
from trustformers.tokenizers.fast import TokenizersBackend as TokenizersBackend
from trustformers.tokenizers.language_modeling import DataCollatorForLanguageModeling as DataCollatorForLanguageModeling
from trustformers.tokenizers.language_modeling import DataCollatorForWholeWordMask as DataCollatorForWholeWordMask
from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.tokenizers.python_backend import PythonBackend as PythonBackend
from trustformers.tokenizers.python_backend import SentencePieceBackend as SentencePieceBackend
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.tokenizers.tool_schemas import get_json_schema as get_json_schema

__all__ = [
    "AddedToken",
    "AutoTokenizer",
    "BatchEncoding",
    "CharSpan",
    "DataCollator",
    "DataCollatorForLanguageModeling",
    "DataCollatorForMultipleChoice",
    "DataCollatorForSeq2Seq",
    "DataCollatorForTokenClassification",
    "DataCollatorForWholeWordMask",
    "DataCollatorMixin",
    "DataCollatorWithFlattening",
    "DataCollatorWithPadding",
    "DefaultDataCollator",
    "Encoding",
    "PreTrainedTokenizer",
    "PreTrainedTokenizerBase",
    "PreTrainedTokenizerFast",
    "PythonBackend",
    "SentencePieceBackend",
    "TokenSpan",
    "TokenizersBackend",
    "default_data_collator",
    "get_json_schema",
]
