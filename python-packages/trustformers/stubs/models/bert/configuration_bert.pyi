"""Names of transformers.models.bert.configuration_bert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    BertConfig as BertConfig,
)
