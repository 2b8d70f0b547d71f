"""Names of transformers.models.xlm_roberta.modeling_xlm_roberta. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    XLMRobertaConfig as XLMRobertaConfig,
    XLMRobertaForMaskedLM as XLMRobertaForMaskedLM,
    XLMRobertaForQuestionAnswering as XLMRobertaForQuestionAnswering,
    XLMRobertaForSequenceClassification as XLMRobertaForSequenceClassification,
    XLMRobertaForTokenClassification as XLMRobertaForTokenClassification,
    XLMRobertaModel as XLMRobertaModel,
)
