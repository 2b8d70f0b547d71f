"""Names of transformers.models.rembert. Written by ci/python_stubs.py."""

from trustformers.models.families import RemBertConfig as RemBertConfig
from trustformers.models.families import RemBertForMaskedLM as RemBertForMaskedLM
from trustformers.models.families import RemBertForQuestionAnswering as RemBertForQuestionAnswering
from trustformers.models.families import RemBertForSequenceClassification as RemBertForSequenceClassification
from trustformers.models.families import RemBertForTokenClassification as RemBertForTokenClassification
from trustformers.models.families import RemBertModel as RemBertModel
from trustformers.models.families import RemBertPreTrainedModel as RemBertPreTrainedModel
from trustformers.tokenizers.families import RemBertTokenizer as RemBertTokenizer

__all__ = [
    "RemBertConfig",
    "RemBertForMaskedLM",
    "RemBertForQuestionAnswering",
    "RemBertForSequenceClassification",
    "RemBertForTokenClassification",
    "RemBertModel",
    "RemBertPreTrainedModel",
    "RemBertTokenizer",
]
