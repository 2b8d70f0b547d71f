"""Names of transformers.models.albert. Written by ci/python_stubs.py."""

from trustformers.models.families import AlbertConfig as AlbertConfig
from trustformers.models.families import AlbertForMaskedLM as AlbertForMaskedLM
from trustformers.models.families import AlbertForQuestionAnswering as AlbertForQuestionAnswering
from trustformers.models.families import AlbertForSequenceClassification as AlbertForSequenceClassification
from trustformers.models.families import AlbertForTokenClassification as AlbertForTokenClassification
from trustformers.models.families import AlbertModel as AlbertModel
from trustformers.models.families import AlbertPreTrainedModel as AlbertPreTrainedModel
from trustformers.tokenizers.families import AlbertTokenizer as AlbertTokenizer

__all__ = [
    "AlbertConfig",
    "AlbertForMaskedLM",
    "AlbertForQuestionAnswering",
    "AlbertForSequenceClassification",
    "AlbertForTokenClassification",
    "AlbertModel",
    "AlbertPreTrainedModel",
    "AlbertTokenizer",
]
