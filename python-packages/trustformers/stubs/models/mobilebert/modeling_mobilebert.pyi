"""Names of transformers.models.mobilebert.modeling_mobilebert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    MobileBertConfig as MobileBertConfig,
    MobileBertForMaskedLM as MobileBertForMaskedLM,
    MobileBertForQuestionAnswering as MobileBertForQuestionAnswering,
    MobileBertForSequenceClassification as MobileBertForSequenceClassification,
    MobileBertForTokenClassification as MobileBertForTokenClassification,
    MobileBertModel as MobileBertModel,
)
