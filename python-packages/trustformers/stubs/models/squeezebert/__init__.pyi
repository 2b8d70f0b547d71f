"""Names of transformers.models.squeezebert. Written by ci/python_stubs.py."""

from trustformers.models.families import SqueezeBertConfig as SqueezeBertConfig
from trustformers.models.families import SqueezeBertForMaskedLM as SqueezeBertForMaskedLM
from trustformers.models.families import SqueezeBertForQuestionAnswering as SqueezeBertForQuestionAnswering
from trustformers.models.families import SqueezeBertForSequenceClassification as SqueezeBertForSequenceClassification
from trustformers.models.families import SqueezeBertForTokenClassification as SqueezeBertForTokenClassification
from trustformers.models.families import SqueezeBertModel as SqueezeBertModel
from trustformers.models.families import SqueezeBertPreTrainedModel as SqueezeBertPreTrainedModel
from trustformers.tokenizers.families import SqueezeBertTokenizer as SqueezeBertTokenizer
from trustformers.tokenizers.families import SqueezeBertTokenizerFast as SqueezeBertTokenizerFast

__all__ = [
    "SqueezeBertConfig",
    "SqueezeBertForMaskedLM",
    "SqueezeBertForQuestionAnswering",
    "SqueezeBertForSequenceClassification",
    "SqueezeBertForTokenClassification",
    "SqueezeBertModel",
    "SqueezeBertPreTrainedModel",
    "SqueezeBertTokenizer",
    "SqueezeBertTokenizerFast",
]
