"""Names of transformers.models.xlm_roberta. Written by ci/python_stubs.py."""

from trustformers.models.families import XLMRobertaConfig as XLMRobertaConfig
from trustformers.models.families import XLMRobertaForMaskedLM as XLMRobertaForMaskedLM
from trustformers.models.families import XLMRobertaForQuestionAnswering as XLMRobertaForQuestionAnswering
from trustformers.models.families import XLMRobertaForSequenceClassification as XLMRobertaForSequenceClassification
from trustformers.models.families import XLMRobertaForTokenClassification as XLMRobertaForTokenClassification
from trustformers.models.families import XLMRobertaModel as XLMRobertaModel
from trustformers.models.families import XLMRobertaPreTrainedModel as XLMRobertaPreTrainedModel
from trustformers.tokenizers.families import XLMRobertaTokenizer as XLMRobertaTokenizer

__all__ = [
    "XLMRobertaConfig",
    "XLMRobertaForMaskedLM",
    "XLMRobertaForQuestionAnswering",
    "XLMRobertaForSequenceClassification",
    "XLMRobertaForTokenClassification",
    "XLMRobertaModel",
    "XLMRobertaPreTrainedModel",
    "XLMRobertaTokenizer",
]
