"""Names of transformers.models.xlm_roberta_xl.modeling_xlm_roberta_xl. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    XLMRobertaXLConfig as XLMRobertaXLConfig,
    XLMRobertaXLForMaskedLM as XLMRobertaXLForMaskedLM,
    XLMRobertaXLForQuestionAnswering as XLMRobertaXLForQuestionAnswering,
    XLMRobertaXLForSequenceClassification as XLMRobertaXLForSequenceClassification,
    XLMRobertaXLForTokenClassification as XLMRobertaXLForTokenClassification,
    XLMRobertaXLModel as XLMRobertaXLModel,
)
