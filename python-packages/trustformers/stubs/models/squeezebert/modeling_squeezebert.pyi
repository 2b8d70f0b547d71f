"""Names of transformers.models.squeezebert.modeling_squeezebert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    SqueezeBertConfig as SqueezeBertConfig,
    SqueezeBertForMaskedLM as SqueezeBertForMaskedLM,
    SqueezeBertForQuestionAnswering as SqueezeBertForQuestionAnswering,
    SqueezeBertForSequenceClassification as SqueezeBertForSequenceClassification,
    SqueezeBertForTokenClassification as SqueezeBertForTokenClassification,
    SqueezeBertModel as SqueezeBertModel,
)
