"""Names of transformers.models.nomic_bert.modeling_nomic_bert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    NomicBertConfig as NomicBertConfig,
    NomicBertForMaskedLM as NomicBertForMaskedLM,
    NomicBertForSequenceClassification as NomicBertForSequenceClassification,
    NomicBertForTokenClassification as NomicBertForTokenClassification,
    NomicBertModel as NomicBertModel,
)
