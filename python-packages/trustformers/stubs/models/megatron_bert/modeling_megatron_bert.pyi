"""Names of transformers.models.megatron_bert.modeling_megatron_bert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    MegatronBertConfig as MegatronBertConfig,
    MegatronBertForMaskedLM as MegatronBertForMaskedLM,
    MegatronBertForQuestionAnswering as MegatronBertForQuestionAnswering,
    MegatronBertForSequenceClassification as MegatronBertForSequenceClassification,
    MegatronBertForTokenClassification as MegatronBertForTokenClassification,
    MegatronBertModel as MegatronBertModel,
)
