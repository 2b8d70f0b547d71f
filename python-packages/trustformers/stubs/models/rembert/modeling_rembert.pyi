"""Names of transformers.models.rembert.modeling_rembert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    RemBertConfig as RemBertConfig,
    RemBertForMaskedLM as RemBertForMaskedLM,
    RemBertForQuestionAnswering as RemBertForQuestionAnswering,
    RemBertForSequenceClassification as RemBertForSequenceClassification,
    RemBertForTokenClassification as RemBertForTokenClassification,
    RemBertModel as RemBertModel,
)
