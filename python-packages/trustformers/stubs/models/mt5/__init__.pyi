"""Names of transformers.models.mt5. Written by ci/python_stubs.py."""

from trustformers.models.families import MT5Config as MT5Config
from trustformers.models.families import MT5EncoderModel as MT5EncoderModel
from trustformers.models.families import MT5ForConditionalGeneration as MT5ForConditionalGeneration
from trustformers.models.families import MT5ForQuestionAnswering as MT5ForQuestionAnswering
from trustformers.models.families import MT5ForSequenceClassification as MT5ForSequenceClassification
from trustformers.models.families import MT5ForTokenClassification as MT5ForTokenClassification
from trustformers.models.families import MT5Model as MT5Model
from trustformers.models.families import MT5PreTrainedModel as MT5PreTrainedModel

__all__ = [
    "MT5Config",
    "MT5EncoderModel",
    "MT5ForConditionalGeneration",
    "MT5ForQuestionAnswering",
    "MT5ForSequenceClassification",
    "MT5ForTokenClassification",
    "MT5Model",
    "MT5PreTrainedModel",
]
