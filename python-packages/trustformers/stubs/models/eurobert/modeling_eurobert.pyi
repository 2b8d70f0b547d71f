"""Names of transformers.models.eurobert.modeling_eurobert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    EuroBertConfig as EuroBertConfig,
    EuroBertForMaskedLM as EuroBertForMaskedLM,
    EuroBertForSequenceClassification as EuroBertForSequenceClassification,
    EuroBertForTokenClassification as EuroBertForTokenClassification,
    EuroBertModel as EuroBertModel,
)
