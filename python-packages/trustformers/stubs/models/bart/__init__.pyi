"""Names of transformers.models.bart. Written by ci/python_stubs.py."""

from trustformers.models.families import BartConfig as BartConfig
from trustformers.models.families import BartForConditionalGeneration as BartForConditionalGeneration
from trustformers.models.families import BartForQuestionAnswering as BartForQuestionAnswering
from trustformers.models.families import BartForSequenceClassification as BartForSequenceClassification
from trustformers.models.families import BartModel as BartModel
from trustformers.models.families import BartPreTrainedModel as BartPreTrainedModel
from trustformers.tokenizers.families import BartTokenizer as BartTokenizer
from trustformers.tokenizers.families import BartTokenizerFast as BartTokenizerFast

__all__ = [
    "BartConfig",
    "BartForConditionalGeneration",
    "BartForQuestionAnswering",
    "BartForSequenceClassification",
    "BartModel",
    "BartPreTrainedModel",
    "BartTokenizer",
    "BartTokenizerFast",
]
