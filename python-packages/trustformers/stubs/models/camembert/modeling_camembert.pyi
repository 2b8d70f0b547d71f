"""Names of transformers.models.camembert.modeling_camembert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    CamembertConfig as CamembertConfig,
    CamembertForMaskedLM as CamembertForMaskedLM,
    CamembertForQuestionAnswering as CamembertForQuestionAnswering,
    CamembertForSequenceClassification as CamembertForSequenceClassification,
    CamembertForTokenClassification as CamembertForTokenClassification,
    CamembertModel as CamembertModel,
)
