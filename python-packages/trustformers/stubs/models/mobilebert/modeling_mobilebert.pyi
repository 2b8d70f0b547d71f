"""Names of transformers.models.mobilebert.modeling_mobilebert. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.families import MobileBertConfig as MobileBertConfig
from trustformers.models.families import MobileBertForMaskedLM as MobileBertForMaskedLM
from trustformers.models.families import MobileBertForQuestionAnswering as MobileBertForQuestionAnswering
from trustformers.models.families import MobileBertForSequenceClassification as MobileBertForSequenceClassification
from trustformers.models.families import MobileBertForTokenClassification as MobileBertForTokenClassification
from trustformers.models.families import MobileBertModel as MobileBertModel
from trustformers.models.families import MobileBertPreTrainedModel as MobileBertPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutput as BaseModelOutput
from trustformers.models.other_outputs import MultipleChoiceModelOutput as MultipleChoiceModelOutput
from trustformers.models.other_outputs import NextSentencePredictorOutput as NextSentencePredictorOutput
from trustformers.models.outputs import BaseModelOutputWithPooling as BaseModelOutputWithPooling
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutput",
    "BaseModelOutputWithPooling",
    "MaskedLMOutput",
    "MobileBertConfig",
    "MobileBertForMaskedLM",
    "MobileBertForQuestionAnswering",
    "MobileBertForSequenceClassification",
    "MobileBertForTokenClassification",
    "MobileBertModel",
    "MobileBertPreTrainedModel",
    "ModelOutput",
    "MultipleChoiceModelOutput",
    "NextSentencePredictorOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
    "logging",
]
