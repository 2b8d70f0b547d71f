"""Names of transformers.models.mpnet.modeling_mpnet. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.activations import gelu as gelu
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.families import MPNetConfig as MPNetConfig
from trustformers.models.families import MPNetForMaskedLM as MPNetForMaskedLM
from trustformers.models.families import MPNetForQuestionAnswering as MPNetForQuestionAnswering
from trustformers.models.families import MPNetForSequenceClassification as MPNetForSequenceClassification
from trustformers.models.families import MPNetForTokenClassification as MPNetForTokenClassification
from trustformers.models.families import MPNetModel as MPNetModel
from trustformers.models.families import MPNetPreTrainedModel as MPNetPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutput as BaseModelOutput
from trustformers.models.other_outputs import MultipleChoiceModelOutput as MultipleChoiceModelOutput
from trustformers.models.outputs import BaseModelOutputWithPooling as BaseModelOutputWithPooling
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutput",
    "BaseModelOutputWithPooling",
    "MPNetConfig",
    "MPNetForMaskedLM",
    "MPNetForQuestionAnswering",
    "MPNetForSequenceClassification",
    "MPNetForTokenClassification",
    "MPNetModel",
    "MPNetPreTrainedModel",
    "MaskedLMOutput",
    "MultipleChoiceModelOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
    "gelu",
    "logging",
]
