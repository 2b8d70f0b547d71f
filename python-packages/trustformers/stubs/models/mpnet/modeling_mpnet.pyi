"""Names of transformers.models.mpnet.modeling_mpnet. Written by ci/python_stubs.py."""

from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.families import MPNetConfig as MPNetConfig
from trustformers.models.families import MPNetForMaskedLM as MPNetForMaskedLM
from trustformers.models.families import MPNetForQuestionAnswering as MPNetForQuestionAnswering
from trustformers.models.families import MPNetForSequenceClassification as MPNetForSequenceClassification
from trustformers.models.families import MPNetForTokenClassification as MPNetForTokenClassification
from trustformers.models.families import MPNetModel as MPNetModel
from trustformers.models.outputs import BaseModelOutputWithPooling as BaseModelOutputWithPooling
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "BaseModelOutputWithPooling",
    "MPNetConfig",
    "MPNetForMaskedLM",
    "MPNetForQuestionAnswering",
    "MPNetForSequenceClassification",
    "MPNetForTokenClassification",
    "MPNetModel",
    "MaskedLMOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
    "logging",
]
