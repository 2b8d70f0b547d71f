"""Names of transformers.models.roberta. Written by ci/python_stubs.py."""

from trustformers.models.families import RobertaConfig as RobertaConfig
from trustformers.models.families import RobertaForMaskedLM as RobertaForMaskedLM
from trustformers.models.families import RobertaForQuestionAnswering as RobertaForQuestionAnswering
from trustformers.models.families import RobertaForSequenceClassification as RobertaForSequenceClassification
from trustformers.models.families import RobertaForTokenClassification as RobertaForTokenClassification
from trustformers.models.families import RobertaModel as RobertaModel
from trustformers.models.families import RobertaPreTrainedModel as RobertaPreTrainedModel
from trustformers.tokenizers.families import RobertaTokenizer as RobertaTokenizer
from trustformers.tokenizers.families import RobertaTokenizerFast as RobertaTokenizerFast

__all__ = [
    "RobertaConfig",
    "RobertaForMaskedLM",
    "RobertaForQuestionAnswering",
    "RobertaForSequenceClassification",
    "RobertaForTokenClassification",
    "RobertaModel",
    "RobertaPreTrainedModel",
    "RobertaTokenizer",
    "RobertaTokenizerFast",
]
