"""Names of transformers.data.data_collator. Written by ci/python_stubs.py."""

from trustformers.tokenizers.collators import DataCollatorWithPadding as DataCollatorWithPadding
from trustformers.tokenizers.collators import default_data_collator as default_data_collator
from trustformers.tokenizers.fast import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.utils.conversions import to_numpy as to_numpy
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy

__all__ = [
    "DataCollatorWithPadding",
    "PaddingStrategy",
    "PreTrainedTokenizerBase",
    "default_data_collator",
    "to_numpy",
]
