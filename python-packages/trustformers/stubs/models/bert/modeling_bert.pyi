"""Names of transformers.models.bert.modeling_bert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    BertConfig as BertConfig,
    BertForMaskedLM as BertForMaskedLM,
    BertForQuestionAnswering as BertForQuestionAnswering,
    BertForSequenceClassification as BertForSequenceClassification,
    BertForTokenClassification as BertForTokenClassification,
    BertModel as BertModel,
)
