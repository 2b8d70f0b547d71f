"""Names of transformers.models.roformer. Written by ci/python_stubs.py."""

from trustformers.models.families import RoFormerConfig as RoFormerConfig
from trustformers.models.families import RoFormerForMaskedLM as RoFormerForMaskedLM
from trustformers.models.families import RoFormerForQuestionAnswering as RoFormerForQuestionAnswering
from trustformers.models.families import RoFormerForSequenceClassification as RoFormerForSequenceClassification
from trustformers.models.families import RoFormerForTokenClassification as RoFormerForTokenClassification
from trustformers.models.families import RoFormerModel as RoFormerModel
from trustformers.models.families import RoFormerPreTrainedModel as RoFormerPreTrainedModel
from trustformers.tokenizers.families import RoFormerTokenizer as RoFormerTokenizer
from trustformers.tokenizers.families import RoFormerTokenizerFast as RoFormerTokenizerFast

__all__ = [
    "RoFormerConfig",
    "RoFormerForMaskedLM",
    "RoFormerForQuestionAnswering",
    "RoFormerForSequenceClassification",
    "RoFormerForTokenClassification",
    "RoFormerModel",
    "RoFormerPreTrainedModel",
    "RoFormerTokenizer",
    "RoFormerTokenizerFast",
]
