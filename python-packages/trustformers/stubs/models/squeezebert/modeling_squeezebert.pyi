"""Names of transformers.models.squeezebert.modeling_squeezebert. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.families import SqueezeBertConfig as SqueezeBertConfig
from trustformers.models.families import SqueezeBertForMaskedLM as SqueezeBertForMaskedLM
from trustformers.models.families import SqueezeBertForQuestionAnswering as SqueezeBertForQuestionAnswering
from trustformers.models.families import SqueezeBertForSequenceClassification as SqueezeBertForSequenceClassification
from trustformers.models.families import SqueezeBertForTokenClassification as SqueezeBertForTokenClassification
from trustformers.models.families import SqueezeBertModel as SqueezeBertModel
from trustformers.models.families import SqueezeBertPreTrainedModel as SqueezeBertPreTrainedModel
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
    "MaskedLMOutput",
    "MultipleChoiceModelOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "SqueezeBertConfig",
    "SqueezeBertForMaskedLM",
    "SqueezeBertForQuestionAnswering",
    "SqueezeBertForSequenceClassification",
    "SqueezeBertForTokenClassification",
    "SqueezeBertModel",
    "SqueezeBertPreTrainedModel",
    "TokenClassifierOutput",
    "logging",
]
