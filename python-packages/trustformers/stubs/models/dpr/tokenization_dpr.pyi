"""Names of transformers.models.dpr.tokenization_dpr. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import DPRContextEncoderTokenizer as DPRContextEncoderTokenizer
from trustformers.tokenizers.families import DPRQuestionEncoderTokenizer as DPRQuestionEncoderTokenizer
from trustformers.tokenizers.families import DPRReaderTokenizer as DPRReaderTokenizer

__all__ = [
    "DPRContextEncoderTokenizer",
    "DPRQuestionEncoderTokenizer",
    "DPRReaderTokenizer",
]
