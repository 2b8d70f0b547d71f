"""Names of transformers.models.distilbert. Written by ci/python_stubs.py."""

from trustformers.models.families import DistilBertConfig as DistilBertConfig
from trustformers.models.families import DistilBertForMaskedLM as DistilBertForMaskedLM
from trustformers.models.families import DistilBertForQuestionAnswering as DistilBertForQuestionAnswering
from trustformers.models.families import DistilBertForSequenceClassification as DistilBertForSequenceClassification
from trustformers.models.families import DistilBertForTokenClassification as DistilBertForTokenClassification
from trustformers.models.families import DistilBertModel as DistilBertModel
from trustformers.models.families import DistilBertPreTrainedModel as DistilBertPreTrainedModel
from trustformers.tokenizers.families import DistilBertTokenizer as DistilBertTokenizer
from trustformers.tokenizers.families import DistilBertTokenizerFast as DistilBertTokenizerFast

__all__ = [
    "DistilBertConfig",
    "DistilBertForMaskedLM",
    "DistilBertForQuestionAnswering",
    "DistilBertForSequenceClassification",
    "DistilBertForTokenClassification",
    "DistilBertModel",
    "DistilBertPreTrainedModel",
    "DistilBertTokenizer",
    "DistilBertTokenizerFast",
]
