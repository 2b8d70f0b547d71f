"""Names of transformers.models.roberta_prelayernorm. Written by ci/python_stubs.py."""

from trustformers.models.families import RobertaPreLayerNormConfig as RobertaPreLayerNormConfig
from trustformers.models.families import RobertaPreLayerNormForMaskedLM as RobertaPreLayerNormForMaskedLM
from trustformers.models.families import RobertaPreLayerNormForQuestionAnswering as RobertaPreLayerNormForQuestionAnswering
from trustformers.models.families import RobertaPreLayerNormForSequenceClassification as RobertaPreLayerNormForSequenceClassification
from trustformers.models.families import RobertaPreLayerNormForTokenClassification as RobertaPreLayerNormForTokenClassification
from trustformers.models.families import RobertaPreLayerNormModel as RobertaPreLayerNormModel
from trustformers.models.families import RobertaPreLayerNormPreTrainedModel as RobertaPreLayerNormPreTrainedModel

__all__ = [
    "RobertaPreLayerNormConfig",
    "RobertaPreLayerNormForMaskedLM",
    "RobertaPreLayerNormForQuestionAnswering",
    "RobertaPreLayerNormForSequenceClassification",
    "RobertaPreLayerNormForTokenClassification",
    "RobertaPreLayerNormModel",
    "RobertaPreLayerNormPreTrainedModel",
]
