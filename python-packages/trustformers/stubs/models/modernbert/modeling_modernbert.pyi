"""Names of transformers.models.modernbert.modeling_modernbert. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.families import ModernBertConfig as ModernBertConfig
from trustformers.models.families import ModernBertForMaskedLM as ModernBertForMaskedLM
from trustformers.models.families import ModernBertForQuestionAnswering as ModernBertForQuestionAnswering
from trustformers.models.families import ModernBertForSequenceClassification as ModernBertForSequenceClassification
from trustformers.models.families import ModernBertForTokenClassification as ModernBertForTokenClassification
from trustformers.models.families import ModernBertModel as ModernBertModel
from trustformers.models.families import ModernBertPreTrainedModel as ModernBertPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutput as BaseModelOutput
from trustformers.models.other_outputs import MultipleChoiceModelOutput as MultipleChoiceModelOutput
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput

__all__ = [
    "ACT2FN",
    "BaseModelOutput",
    "MaskedLMOutput",
    "ModernBertConfig",
    "ModernBertForMaskedLM",
    "ModernBertForQuestionAnswering",
    "ModernBertForSequenceClassification",
    "ModernBertForTokenClassification",
    "ModernBertModel",
    "ModernBertPreTrainedModel",
    "MultipleChoiceModelOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
]
