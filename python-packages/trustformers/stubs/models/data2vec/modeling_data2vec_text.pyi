"""Names of transformers.models.data2vec.modeling_data2vec_text. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    Data2VecTextConfig as Data2VecTextConfig,
    Data2VecTextForMaskedLM as Data2VecTextForMaskedLM,
    Data2VecTextForQuestionAnswering as Data2VecTextForQuestionAnswering,
    Data2VecTextForSequenceClassification as Data2VecTextForSequenceClassification,
    Data2VecTextForTokenClassification as Data2VecTextForTokenClassification,
    Data2VecTextModel as Data2VecTextModel,
)
