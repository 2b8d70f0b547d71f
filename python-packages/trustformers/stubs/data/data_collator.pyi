"""Names of transformers.data.data_collator. Written by ci/python_stubs.py."""

from trustformers.tokenizers.collators import DataCollatorWithPadding as DataCollatorWithPadding
from trustformers.tokenizers.collators import default_data_collator as default_data_collator
from trustformers.tokenizers.fast import PreTrainedTokenizerBase as PreTrainedTokenizerBase

__all__ = [
    "DataCollatorWithPadding",
    "PreTrainedTokenizerBase",
    "default_data_collator",
]
