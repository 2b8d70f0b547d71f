"""Names of transformers.models.bert. Written by ci/python_stubs.py."""

from trustformers.models.families import BertConfig as BertConfig
from trustformers.models.families import BertForMaskedLM as BertForMaskedLM
from trustformers.models.families import BertForQuestionAnswering as BertForQuestionAnswering
from trustformers.models.families import BertForSequenceClassification as BertForSequenceClassification
from trustformers.models.families import BertForTokenClassification as BertForTokenClassification
from trustformers.models.families import BertModel as BertModel
from trustformers.models.families import BertPreTrainedModel as BertPreTrainedModel
from trustformers.tokenizers.families import BertTokenizer as BertTokenizer

__all__ = [
    "BertConfig",
    "BertForMaskedLM",
    "BertForQuestionAnswering",
    "BertForSequenceClassification",
    "BertForTokenClassification",
    "BertModel",
    "BertPreTrainedModel",
    "BertTokenizer",
]
