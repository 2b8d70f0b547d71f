"""Names of transformers.models.ernie. Written by ci/python_stubs.py."""

from trustformers.models.families import ErnieConfig as ErnieConfig
from trustformers.models.families import ErnieForMaskedLM as ErnieForMaskedLM
from trustformers.models.families import ErnieForQuestionAnswering as ErnieForQuestionAnswering
from trustformers.models.families import ErnieForSequenceClassification as ErnieForSequenceClassification
from trustformers.models.families import ErnieForTokenClassification as ErnieForTokenClassification
from trustformers.models.families import ErnieModel as ErnieModel
from trustformers.models.families import ErniePreTrainedModel as ErniePreTrainedModel

__all__ = [
    "ErnieConfig",
    "ErnieForMaskedLM",
    "ErnieForQuestionAnswering",
    "ErnieForSequenceClassification",
    "ErnieForTokenClassification",
    "ErnieModel",
    "ErniePreTrainedModel",
]
