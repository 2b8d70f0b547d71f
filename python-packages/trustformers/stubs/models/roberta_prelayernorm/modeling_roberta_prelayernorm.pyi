"""Names of transformers.models.roberta_prelayernorm.modeling_roberta_prelayernorm. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    RobertaPreLayerNormConfig as RobertaPreLayerNormConfig,
    RobertaPreLayerNormForMaskedLM as RobertaPreLayerNormForMaskedLM,
    RobertaPreLayerNormForQuestionAnswering as RobertaPreLayerNormForQuestionAnswering,
    RobertaPreLayerNormForSequenceClassification as RobertaPreLayerNormForSequenceClassification,
    RobertaPreLayerNormForTokenClassification as RobertaPreLayerNormForTokenClassification,
    RobertaPreLayerNormModel as RobertaPreLayerNormModel,
)
