"""Names of transformers.models.camembert. Written by ci/python_stubs.py."""

from trustformers.models.families import CamembertConfig as CamembertConfig
from trustformers.models.families import CamembertForMaskedLM as CamembertForMaskedLM
from trustformers.models.families import CamembertForQuestionAnswering as CamembertForQuestionAnswering
from trustformers.models.families import CamembertForSequenceClassification as CamembertForSequenceClassification
from trustformers.models.families import CamembertForTokenClassification as CamembertForTokenClassification
from trustformers.models.families import CamembertModel as CamembertModel
from trustformers.models.families import CamembertPreTrainedModel as CamembertPreTrainedModel
from trustformers.tokenizers.families import CamembertTokenizer as CamembertTokenizer

__all__ = [
    "CamembertConfig",
    "CamembertForMaskedLM",
    "CamembertForQuestionAnswering",
    "CamembertForSequenceClassification",
    "CamembertForTokenClassification",
    "CamembertModel",
    "CamembertPreTrainedModel",
    "CamembertTokenizer",
]
