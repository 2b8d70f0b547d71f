"""Names of transformers.models.electra. Written by ci/python_stubs.py."""

from trustformers.models.families import ElectraConfig as ElectraConfig
from trustformers.models.families import ElectraForMaskedLM as ElectraForMaskedLM
from trustformers.models.families import ElectraForQuestionAnswering as ElectraForQuestionAnswering
from trustformers.models.families import ElectraForSequenceClassification as ElectraForSequenceClassification
from trustformers.models.families import ElectraForTokenClassification as ElectraForTokenClassification
from trustformers.models.families import ElectraModel as ElectraModel
from trustformers.models.families import ElectraPreTrainedModel as ElectraPreTrainedModel

__all__ = [
    "ElectraConfig",
    "ElectraForMaskedLM",
    "ElectraForQuestionAnswering",
    "ElectraForSequenceClassification",
    "ElectraForTokenClassification",
    "ElectraModel",
    "ElectraPreTrainedModel",
]
