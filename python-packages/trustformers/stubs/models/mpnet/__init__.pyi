"""Names of transformers.models.mpnet. Written by ci/python_stubs.py."""

from trustformers.models.families import MPNetConfig as MPNetConfig
from trustformers.models.families import MPNetForMaskedLM as MPNetForMaskedLM
from trustformers.models.families import MPNetForQuestionAnswering as MPNetForQuestionAnswering
from trustformers.models.families import MPNetForSequenceClassification as MPNetForSequenceClassification
from trustformers.models.families import MPNetForTokenClassification as MPNetForTokenClassification
from trustformers.models.families import MPNetModel as MPNetModel
from trustformers.models.families import MPNetPreTrainedModel as MPNetPreTrainedModel
from trustformers.tokenizers.families import MPNetTokenizer as MPNetTokenizer

__all__ = [
    "MPNetConfig",
    "MPNetForMaskedLM",
    "MPNetForQuestionAnswering",
    "MPNetForSequenceClassification",
    "MPNetForTokenClassification",
    "MPNetModel",
    "MPNetPreTrainedModel",
    "MPNetTokenizer",
]
