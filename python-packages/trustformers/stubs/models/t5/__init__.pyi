"""Names of transformers.models.t5. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import T5Tokenizer as T5Tokenizer
from trustformers.utils.other_families import T5Config as T5Config
from trustformers.utils.other_families import T5EncoderModel as T5EncoderModel
from trustformers.utils.other_families import T5ForConditionalGeneration as T5ForConditionalGeneration

__all__ = [
    "T5Config",
    "T5EncoderModel",
    "T5ForConditionalGeneration",
    "T5Tokenizer",
]
