"""Names of transformers.models.bert. Written by ci/python_stubs.py."""

from trustformers.models.bert.configuration_bert import *
from trustformers.models.bert.modeling_bert import *
