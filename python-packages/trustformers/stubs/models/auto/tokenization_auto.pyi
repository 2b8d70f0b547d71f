"""Names of transformers.models.auto.tokenization_auto. Written by ci/python_stubs.py."""

from trustformers.models.mappings import TOKENIZER_MAPPING as TOKENIZER_MAPPING
from trustformers.models.mappings import TOKENIZER_MAPPING_NAMES as TOKENIZER_MAPPING_NAMES
from trustformers.tokenizers.auto import AutoTokenizer as AutoTokenizer

__all__ = [
    "AutoTokenizer",
    "TOKENIZER_MAPPING",
    "TOKENIZER_MAPPING_NAMES",
]
