"""Names of transformers.data.data_collator. Written by ci/python_stubs.py."""

from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.collators import DataCollator as DataCollator
from trustformers.tokenizers.collators import DataCollatorForMultipleChoice as DataCollatorForMultipleChoice
from trustformers.tokenizers.collators import DataCollatorForSeq2Seq as DataCollatorForSeq2Seq
from trustformers.tokenizers.collators import DataCollatorForTokenClassification as DataCollatorForTokenClassification
from trustformers.tokenizers.collators import DataCollatorMixin as DataCollatorMixin
from trustformers.tokenizers.collators import DataCollatorWithFlattening as DataCollatorWithFlattening
from trustformers.tokenizers.collators import DataCollatorWithPadding as DataCollatorWithPadding
from trustformers.tokenizers.collators import DefaultDataCollator as DefaultDataCollator
from trustformers.tokenizers.collators import default_data_collator as default_data_collator
from trustformers.tokenizers.language_modeling import DataCollatorForLanguageModeling as DataCollatorForLanguageModeling
from trustformers.utils.conversions import to_numpy as to_numpy
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy

__all__ = [
    "DataCollator",
    "DataCollatorForLanguageModeling",
    "DataCollatorForMultipleChoice",
    "DataCollatorForSeq2Seq",
    "DataCollatorForTokenClassification",
    "DataCollatorMixin",
    "DataCollatorWithFlattening",
    "DataCollatorWithPadding",
    "DefaultDataCollator",
    "PaddingStrategy",
    "PreTrainedTokenizerBase",
    "default_data_collator",
    "to_numpy",
]
