"""Names of transformers.models.deberta_v2.modeling_deberta_v2. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.families import DebertaV2Config as DebertaV2Config
from trustformers.models.families import DebertaV2ForMaskedLM as DebertaV2ForMaskedLM
from trustformers.models.families import DebertaV2ForQuestionAnswering as DebertaV2ForQuestionAnswering
from trustformers.models.families import DebertaV2ForSequenceClassification as DebertaV2ForSequenceClassification
from trustformers.models.families import DebertaV2ForTokenClassification as DebertaV2ForTokenClassification
from trustformers.models.families import DebertaV2Model as DebertaV2Model
from trustformers.models.families import DebertaV2PreTrainedModel as DebertaV2PreTrainedModel
from trustformers.models.other_outputs import BaseModelOutput as BaseModelOutput
from trustformers.models.other_outputs import MultipleChoiceModelOutput as MultipleChoiceModelOutput
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutput",
    "DebertaV2Config",
    "DebertaV2ForMaskedLM",
    "DebertaV2ForQuestionAnswering",
    "DebertaV2ForSequenceClassification",
    "DebertaV2ForTokenClassification",
    "DebertaV2Model",
    "DebertaV2PreTrainedModel",
    "MaskedLMOutput",
    "MultipleChoiceModelOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
    "logging",
]
