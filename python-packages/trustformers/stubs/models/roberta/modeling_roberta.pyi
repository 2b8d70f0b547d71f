"""Names of transformers.models.roberta.modeling_roberta. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    RobertaConfig as RobertaConfig,
    RobertaForMaskedLM as RobertaForMaskedLM,
    RobertaForQuestionAnswering as RobertaForQuestionAnswering,
    RobertaForSequenceClassification as RobertaForSequenceClassification,
    RobertaForTokenClassification as RobertaForTokenClassification,
    RobertaModel as RobertaModel,
)
