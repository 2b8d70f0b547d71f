"""Names of transformers.models.nomic_bert.modeling_nomic_bert. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.families import NomicBertConfig as NomicBertConfig
from trustformers.models.families import NomicBertForMaskedLM as NomicBertForMaskedLM
from trustformers.models.families import NomicBertForSequenceClassification as NomicBertForSequenceClassification
from trustformers.models.families import NomicBertForTokenClassification as NomicBertForTokenClassification
from trustformers.models.families import NomicBertModel as NomicBertModel
from trustformers.models.families import NomicBertPreTrainedModel as NomicBertPreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPooling as BaseModelOutputWithPooling
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPooling",
    "MaskedLMOutput",
    "NomicBertConfig",
    "NomicBertForMaskedLM",
    "NomicBertForSequenceClassification",
    "NomicBertForTokenClassification",
    "NomicBertModel",
    "NomicBertPreTrainedModel",
    "PreTrainedModel",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
]
