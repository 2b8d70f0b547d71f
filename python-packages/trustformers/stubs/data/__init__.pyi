"""Names of transformers.data. Written by ci/python_stubs.py."""

from trustformers.tokenizers.collators import DataCollatorForMultipleChoice as DataCollatorForMultipleChoice
from trustformers.tokenizers.collators import DataCollatorForSeq2Seq as DataCollatorForSeq2Seq
from trustformers.tokenizers.collators import DataCollatorForTokenClassification as DataCollatorForTokenClassification
from trustformers.tokenizers.collators import DataCollatorWithFlattening as DataCollatorWithFlattening
from trustformers.tokenizers.collators import DataCollatorWithPadding as DataCollatorWithPadding
from trustformers.tokenizers.collators import DefaultDataCollator as DefaultDataCollator
from trustformers.tokenizers.collators import default_data_collator as default_data_collator
from trustformers.tokenizers.language_modeling import DataCollatorForLanguageModeling as DataCollatorForLanguageModeling

__all__ = [
    "DataCollatorForLanguageModeling",
    "DataCollatorForMultipleChoice",
    "DataCollatorForSeq2Seq",
    "DataCollatorForTokenClassification",
    "DataCollatorWithFlattening",
    "DataCollatorWithPadding",
    "DefaultDataCollator",
    "default_data_collator",
]
