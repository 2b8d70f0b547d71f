"""Names of transformers.models.eurobert.modeling_eurobert. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.families import EuroBertConfig as EuroBertConfig
from trustformers.models.families import EuroBertForMaskedLM as EuroBertForMaskedLM
from trustformers.models.families import EuroBertForSequenceClassification as EuroBertForSequenceClassification
from trustformers.models.families import EuroBertForTokenClassification as EuroBertForTokenClassification
from trustformers.models.families import EuroBertModel as EuroBertModel
from trustformers.models.families import EuroBertPreTrainedModel as EuroBertPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutput as BaseModelOutput
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput

__all__ = [
    "ACT2FN",
    "BaseModelOutput",
    "Cache",
    "EuroBertConfig",
    "EuroBertForMaskedLM",
    "EuroBertForSequenceClassification",
    "EuroBertForTokenClassification",
    "EuroBertModel",
    "EuroBertPreTrainedModel",
    "MaskedLMOutput",
    "PreTrainedModel",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
]
