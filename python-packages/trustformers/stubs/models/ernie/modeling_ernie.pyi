"""Names of transformers.models.ernie.modeling_ernie. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    ErnieConfig as ErnieConfig,
    ErnieForMaskedLM as ErnieForMaskedLM,
    ErnieForQuestionAnswering as ErnieForQuestionAnswering,
    ErnieForSequenceClassification as ErnieForSequenceClassification,
    ErnieForTokenClassification as ErnieForTokenClassification,
    ErnieModel as ErnieModel,
)
