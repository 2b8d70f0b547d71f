"""Names of transformers.models.roberta. Written by ci/python_stubs.py."""

from trustformers.models.families import RobertaConfig as RobertaConfig
from trustformers.models.families import RobertaForMaskedLM as RobertaForMaskedLM
from trustformers.models.families import RobertaForQuestionAnswering as RobertaForQuestionAnswering
from trustformers.models.families import RobertaForSequenceClassification as RobertaForSequenceClassification
from trustformers.models.families import RobertaForTokenClassification as RobertaForTokenClassification
from trustformers.models.families import RobertaModel as RobertaModel

__all__ = [
    "RobertaConfig",
    "RobertaForMaskedLM",
    "RobertaForQuestionAnswering",
    "RobertaForSequenceClassification",
    "RobertaForTokenClassification",
    "RobertaModel",
]
