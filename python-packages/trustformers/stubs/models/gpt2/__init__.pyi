"""Names of transformers.models.gpt2. Written by ci/python_stubs.py."""

from trustformers.models.families import GPT2Config as GPT2Config
from trustformers.models.families import GPT2ForSequenceClassification as GPT2ForSequenceClassification
from trustformers.models.families import GPT2ForTokenClassification as GPT2ForTokenClassification
from trustformers.models.families import GPT2LMHeadModel as GPT2LMHeadModel
from trustformers.models.families import GPT2Model as GPT2Model
from trustformers.models.families import GPT2PreTrainedModel as GPT2PreTrainedModel
from trustformers.tokenizers.families import GPT2Tokenizer as GPT2Tokenizer

__all__ = [
    "GPT2Config",
    "GPT2ForSequenceClassification",
    "GPT2ForTokenClassification",
    "GPT2LMHeadModel",
    "GPT2Model",
    "GPT2PreTrainedModel",
    "GPT2Tokenizer",
]
