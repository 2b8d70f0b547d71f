"""Names of transformers.models.mbart. Written by ci/python_stubs.py."""

from trustformers.models.families import MBartConfig as MBartConfig
from trustformers.models.families import MBartForConditionalGeneration as MBartForConditionalGeneration
from trustformers.models.families import MBartForQuestionAnswering as MBartForQuestionAnswering
from trustformers.models.families import MBartForSequenceClassification as MBartForSequenceClassification
from trustformers.models.families import MBartModel as MBartModel
from trustformers.models.families import MBartPreTrainedModel as MBartPreTrainedModel
from trustformers.tokenizers.families import MBartTokenizer as MBartTokenizer

__all__ = [
    "MBartConfig",
    "MBartForConditionalGeneration",
    "MBartForQuestionAnswering",
    "MBartForSequenceClassification",
    "MBartModel",
    "MBartPreTrainedModel",
    "MBartTokenizer",
]
