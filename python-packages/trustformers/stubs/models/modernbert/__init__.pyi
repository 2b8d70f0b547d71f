"""Names of transformers.models.modernbert. Written by ci/python_stubs.py."""

from trustformers.models.families import ModernBertConfig as ModernBertConfig
from trustformers.models.families import ModernBertForMaskedLM as ModernBertForMaskedLM
from trustformers.models.families import ModernBertForQuestionAnswering as ModernBertForQuestionAnswering
from trustformers.models.families import ModernBertForSequenceClassification as ModernBertForSequenceClassification
from trustformers.models.families import ModernBertForTokenClassification as ModernBertForTokenClassification
from trustformers.models.families import ModernBertModel as ModernBertModel
from trustformers.models.families import ModernBertPreTrainedModel as ModernBertPreTrainedModel

__all__ = [
    "ModernBertConfig",
    "ModernBertForMaskedLM",
    "ModernBertForQuestionAnswering",
    "ModernBertForSequenceClassification",
    "ModernBertForTokenClassification",
    "ModernBertModel",
    "ModernBertPreTrainedModel",
]
