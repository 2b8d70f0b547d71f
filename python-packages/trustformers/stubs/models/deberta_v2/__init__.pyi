"""Names of transformers.models.deberta_v2. Written by ci/python_stubs.py."""

from trustformers.models.families import DebertaV2Config as DebertaV2Config
from trustformers.models.families import DebertaV2ForMaskedLM as DebertaV2ForMaskedLM
from trustformers.models.families import DebertaV2ForQuestionAnswering as DebertaV2ForQuestionAnswering
from trustformers.models.families import DebertaV2ForSequenceClassification as DebertaV2ForSequenceClassification
from trustformers.models.families import DebertaV2ForTokenClassification as DebertaV2ForTokenClassification
from trustformers.models.families import DebertaV2Model as DebertaV2Model
from trustformers.models.families import DebertaV2PreTrainedModel as DebertaV2PreTrainedModel
from trustformers.tokenizers.families import DebertaV2Tokenizer as DebertaV2Tokenizer

__all__ = [
    "DebertaV2Config",
    "DebertaV2ForMaskedLM",
    "DebertaV2ForQuestionAnswering",
    "DebertaV2ForSequenceClassification",
    "DebertaV2ForTokenClassification",
    "DebertaV2Model",
    "DebertaV2PreTrainedModel",
    "DebertaV2Tokenizer",
]
