"""Names of transformers.models.xlm_roberta_xl. Written by ci/python_stubs.py."""

from trustformers.models.families import XLMRobertaXLConfig as XLMRobertaXLConfig
from trustformers.models.families import XLMRobertaXLForMaskedLM as XLMRobertaXLForMaskedLM
from trustformers.models.families import XLMRobertaXLForQuestionAnswering as XLMRobertaXLForQuestionAnswering
from trustformers.models.families import XLMRobertaXLForSequenceClassification as XLMRobertaXLForSequenceClassification
from trustformers.models.families import XLMRobertaXLForTokenClassification as XLMRobertaXLForTokenClassification
from trustformers.models.families import XLMRobertaXLModel as XLMRobertaXLModel
from trustformers.models.families import XLMRobertaXLPreTrainedModel as XLMRobertaXLPreTrainedModel

__all__ = [
    "XLMRobertaXLConfig",
    "XLMRobertaXLForMaskedLM",
    "XLMRobertaXLForQuestionAnswering",
    "XLMRobertaXLForSequenceClassification",
    "XLMRobertaXLForTokenClassification",
    "XLMRobertaXLModel",
    "XLMRobertaXLPreTrainedModel",
]
