"""Names of transformers.models.albert.modeling_albert. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.families import AlbertConfig as AlbertConfig
from trustformers.models.families import AlbertForMaskedLM as AlbertForMaskedLM
from trustformers.models.families import AlbertForQuestionAnswering as AlbertForQuestionAnswering
from trustformers.models.families import AlbertForSequenceClassification as AlbertForSequenceClassification
from trustformers.models.families import AlbertForTokenClassification as AlbertForTokenClassification
from trustformers.models.families import AlbertModel as AlbertModel
from trustformers.models.families import AlbertPreTrainedModel as AlbertPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutput as BaseModelOutput
from trustformers.models.other_outputs import MultipleChoiceModelOutput as MultipleChoiceModelOutput
from trustformers.models.outputs import BaseModelOutputWithPooling as BaseModelOutputWithPooling
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "AlbertConfig",
    "AlbertForMaskedLM",
    "AlbertForQuestionAnswering",
    "AlbertForSequenceClassification",
    "AlbertForTokenClassification",
    "AlbertModel",
    "AlbertPreTrainedModel",
    "BaseModelOutput",
    "BaseModelOutputWithPooling",
    "MaskedLMOutput",
    "ModelOutput",
    "MultipleChoiceModelOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
    "logging",
]
