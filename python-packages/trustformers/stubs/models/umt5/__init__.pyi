"""Names of transformers.models.umt5. Written by ci/python_stubs.py."""

from trustformers.models.families import UMT5Config as UMT5Config
from trustformers.models.families import UMT5EncoderModel as UMT5EncoderModel
from trustformers.models.families import UMT5ForConditionalGeneration as UMT5ForConditionalGeneration
from trustformers.models.families import UMT5ForQuestionAnswering as UMT5ForQuestionAnswering
from trustformers.models.families import UMT5ForSequenceClassification as UMT5ForSequenceClassification
from trustformers.models.families import UMT5ForTokenClassification as UMT5ForTokenClassification
from trustformers.models.families import UMT5Model as UMT5Model
from trustformers.models.families import UMT5PreTrainedModel as UMT5PreTrainedModel

__all__ = [
    "UMT5Config",
    "UMT5EncoderModel",
    "UMT5ForConditionalGeneration",
    "UMT5ForQuestionAnswering",
    "UMT5ForSequenceClassification",
    "UMT5ForTokenClassification",
    "UMT5Model",
    "UMT5PreTrainedModel",
]
