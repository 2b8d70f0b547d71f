"""Names of transformers.data. Written by ci/python_stubs.py."""

from trustformers.tokenizers.collators import DataCollatorWithPadding as DataCollatorWithPadding
from trustformers.tokenizers.collators import default_data_collator as default_data_collator

__all__ = [
    "DataCollatorWithPadding",
    "default_data_collator",
]
