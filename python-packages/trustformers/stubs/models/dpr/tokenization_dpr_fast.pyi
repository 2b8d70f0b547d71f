"""Names of transformers.models.dpr.tokenization_dpr_fast. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import DPRContextEncoderTokenizerFast as DPRContextEncoderTokenizerFast
from trustformers.tokenizers.families import DPRQuestionEncoderTokenizerFast as DPRQuestionEncoderTokenizerFast
from trustformers.tokenizers.families import DPRReaderTokenizerFast as DPRReaderTokenizerFast

__all__ = [
    "DPRContextEncoderTokenizerFast",
    "DPRQuestionEncoderTokenizerFast",
    "DPRReaderTokenizerFast",
]
