"""Names of transformers.models.dpr. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import DPRContextEncoderTokenizer as DPRContextEncoderTokenizer
from trustformers.tokenizers.families import DPRContextEncoderTokenizerFast as DPRContextEncoderTokenizerFast
from trustformers.tokenizers.families import DPRQuestionEncoderTokenizer as DPRQuestionEncoderTokenizer
from trustformers.tokenizers.families import DPRQuestionEncoderTokenizerFast as DPRQuestionEncoderTokenizerFast
from trustformers.tokenizers.families import DPRReaderTokenizer as DPRReaderTokenizer
from trustformers.tokenizers.families import DPRReaderTokenizerFast as DPRReaderTokenizerFast

__all__ = [
    "DPRContextEncoderTokenizer",
    "DPRContextEncoderTokenizerFast",
    "DPRQuestionEncoderTokenizer",
    "DPRQuestionEncoderTokenizerFast",
    "DPRReaderTokenizer",
    "DPRReaderTokenizerFast",
]
