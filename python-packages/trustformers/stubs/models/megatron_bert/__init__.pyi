"""Names of transformers.models.megatron_bert. Written by ci/python_stubs.py."""

from trustformers.models.families import MegatronBertConfig as MegatronBertConfig
from trustformers.models.families import MegatronBertForMaskedLM as MegatronBertForMaskedLM
from trustformers.models.families import MegatronBertForQuestionAnswering as MegatronBertForQuestionAnswering
from trustformers.models.families import MegatronBertForSequenceClassification as MegatronBertForSequenceClassification
from trustformers.models.families import MegatronBertForTokenClassification as MegatronBertForTokenClassification
from trustformers.models.families import MegatronBertModel as MegatronBertModel
from trustformers.models.families import MegatronBertPreTrainedModel as MegatronBertPreTrainedModel

__all__ = [
    "MegatronBertConfig",
    "MegatronBertForMaskedLM",
    "MegatronBertForQuestionAnswering",
    "MegatronBertForSequenceClassification",
    "MegatronBertForTokenClassification",
    "MegatronBertModel",
    "MegatronBertPreTrainedModel",
]
