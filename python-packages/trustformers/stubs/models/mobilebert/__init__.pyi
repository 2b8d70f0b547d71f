"""Names of transformers.models.mobilebert. Written by ci/python_stubs.py."""

from trustformers.models.families import MobileBertConfig as MobileBertConfig
from trustformers.models.families import MobileBertForMaskedLM as MobileBertForMaskedLM
from trustformers.models.families import MobileBertForQuestionAnswering as MobileBertForQuestionAnswering
from trustformers.models.families import MobileBertForSequenceClassification as MobileBertForSequenceClassification
from trustformers.models.families import MobileBertForTokenClassification as MobileBertForTokenClassification
from trustformers.models.families import MobileBertModel as MobileBertModel
from trustformers.models.families import MobileBertPreTrainedModel as MobileBertPreTrainedModel
from trustformers.tokenizers.families import MobileBertTokenizer as MobileBertTokenizer
from trustformers.tokenizers.families import MobileBertTokenizerFast as MobileBertTokenizerFast

__all__ = [
    "MobileBertConfig",
    "MobileBertForMaskedLM",
    "MobileBertForQuestionAnswering",
    "MobileBertForSequenceClassification",
    "MobileBertForTokenClassification",
    "MobileBertModel",
    "MobileBertPreTrainedModel",
    "MobileBertTokenizer",
    "MobileBertTokenizerFast",
]
