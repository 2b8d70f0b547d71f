"""Names of transformers.models.distilbert.modeling_distilbert. Written by ci/python_stubs.py."""

from trustformers.activations import get_activation as get_activation
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.families import DistilBertConfig as DistilBertConfig
from trustformers.models.families import DistilBertForMaskedLM as DistilBertForMaskedLM
from trustformers.models.families import DistilBertForQuestionAnswering as DistilBertForQuestionAnswering
from trustformers.models.families import DistilBertForSequenceClassification as DistilBertForSequenceClassification
from trustformers.models.families import DistilBertForTokenClassification as DistilBertForTokenClassification
from trustformers.models.families import DistilBertModel as DistilBertModel
from trustformers.models.families import DistilBertPreTrainedModel as DistilBertPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutput as BaseModelOutput
from trustformers.models.other_outputs import MultipleChoiceModelOutput as MultipleChoiceModelOutput
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_deepspeed_zero3_enabled as is_deepspeed_zero3_enabled

__all__ = [
    "BaseModelOutput",
    "DistilBertConfig",
    "DistilBertForMaskedLM",
    "DistilBertForQuestionAnswering",
    "DistilBertForSequenceClassification",
    "DistilBertForTokenClassification",
    "DistilBertModel",
    "DistilBertPreTrainedModel",
    "MaskedLMOutput",
    "MultipleChoiceModelOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
    "get_activation",
    "is_deepspeed_zero3_enabled",
    "logging",
]
