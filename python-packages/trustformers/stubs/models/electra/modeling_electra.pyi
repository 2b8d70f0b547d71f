"""Names of transformers.models.electra.modeling_electra. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    ElectraConfig as ElectraConfig,
    ElectraForMaskedLM as ElectraForMaskedLM,
    ElectraForQuestionAnswering as ElectraForQuestionAnswering,
    ElectraForSequenceClassification as ElectraForSequenceClassification,
    ElectraForTokenClassification as ElectraForTokenClassification,
    ElectraModel as ElectraModel,
)
