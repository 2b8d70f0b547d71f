"""Names of transformers.models.modernbert.modeling_modernbert. Written by ci/python_stubs.py."""

from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.families import ModernBertConfig as ModernBertConfig
from trustformers.models.families import ModernBertForMaskedLM as ModernBertForMaskedLM
from trustformers.models.families import ModernBertForQuestionAnswering as ModernBertForQuestionAnswering
from trustformers.models.families import ModernBertForSequenceClassification as ModernBertForSequenceClassification
from trustformers.models.families import ModernBertForTokenClassification as ModernBertForTokenClassification
from trustformers.models.families import ModernBertModel as ModernBertModel
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput

__all__ = [
    "MaskedLMOutput",
    "ModernBertConfig",
    "ModernBertForMaskedLM",
    "ModernBertForQuestionAnswering",
    "ModernBertForSequenceClassification",
    "ModernBertForTokenClassification",
    "ModernBertModel",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
]
