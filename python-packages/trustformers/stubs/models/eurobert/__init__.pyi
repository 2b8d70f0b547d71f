"""Names of transformers.models.eurobert. Written by ci/python_stubs.py."""

from trustformers.models.families import EuroBertConfig as EuroBertConfig
from trustformers.models.families import EuroBertForMaskedLM as EuroBertForMaskedLM
from trustformers.models.families import EuroBertForSequenceClassification as EuroBertForSequenceClassification
from trustformers.models.families import EuroBertForTokenClassification as EuroBertForTokenClassification
from trustformers.models.families import EuroBertModel as EuroBertModel
from trustformers.models.families import EuroBertPreTrainedModel as EuroBertPreTrainedModel

__all__ = [
    "EuroBertConfig",
    "EuroBertForMaskedLM",
    "EuroBertForSequenceClassification",
    "EuroBertForTokenClassification",
    "EuroBertModel",
    "EuroBertPreTrainedModel",
]
