"""Names of transformers.models.data2vec.modeling_data2vec_text. Written by ci/python_stubs.py."""

from trustformers.models.families import Data2VecTextForMaskedLM as Data2VecTextForMaskedLM
from trustformers.models.families import Data2VecTextForQuestionAnswering as Data2VecTextForQuestionAnswering
from trustformers.models.families import Data2VecTextForSequenceClassification as Data2VecTextForSequenceClassification
from trustformers.models.families import Data2VecTextForTokenClassification as Data2VecTextForTokenClassification
from trustformers.models.families import Data2VecTextModel as Data2VecTextModel
from trustformers.models.families import Data2VecTextPreTrainedModel as Data2VecTextPreTrainedModel

__all__ = [
    "Data2VecTextForMaskedLM",
    "Data2VecTextForQuestionAnswering",
    "Data2VecTextForSequenceClassification",
    "Data2VecTextForTokenClassification",
    "Data2VecTextModel",
    "Data2VecTextPreTrainedModel",
]
