"""Names of transformers.models.nomic_bert. Written by ci/python_stubs.py."""

from trustformers.models.families import NomicBertConfig as NomicBertConfig
from trustformers.models.families import NomicBertForMaskedLM as NomicBertForMaskedLM
from trustformers.models.families import NomicBertForSequenceClassification as NomicBertForSequenceClassification
from trustformers.models.families import NomicBertForTokenClassification as NomicBertForTokenClassification
from trustformers.models.families import NomicBertModel as NomicBertModel
from trustformers.models.families import NomicBertPreTrainedModel as NomicBertPreTrainedModel

__all__ = [
    "NomicBertConfig",
    "NomicBertForMaskedLM",
    "NomicBertForSequenceClassification",
    "NomicBertForTokenClassification",
    "NomicBertModel",
    "NomicBertPreTrainedModel",
]
