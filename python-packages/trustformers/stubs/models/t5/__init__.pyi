"""Names of transformers.models.t5. Written by ci/python_stubs.py."""

from trustformers.models.families import T5Config as T5Config
from trustformers.models.families import T5EncoderModel as T5EncoderModel
from trustformers.models.families import T5ForConditionalGeneration as T5ForConditionalGeneration
from trustformers.models.families import T5ForQuestionAnswering as T5ForQuestionAnswering
from trustformers.models.families import T5ForSequenceClassification as T5ForSequenceClassification
from trustformers.models.families import T5ForTokenClassification as T5ForTokenClassification
from trustformers.models.families import T5Model as T5Model
from trustformers.models.families import T5PreTrainedModel as T5PreTrainedModel
from trustformers.tokenizers.families import T5Tokenizer as T5Tokenizer

__all__ = [
    "T5Config",
    "T5EncoderModel",
    "T5ForConditionalGeneration",
    "T5ForQuestionAnswering",
    "T5ForSequenceClassification",
    "T5ForTokenClassification",
    "T5Model",
    "T5PreTrainedModel",
    "T5Tokenizer",
]
