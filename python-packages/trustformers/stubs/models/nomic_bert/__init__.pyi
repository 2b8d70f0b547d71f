"""Names of transformers.models.nomic_bert. Written by ci/python_stubs.py."""

from trustformers.models.nomic_bert.configuration_nomic_bert import *
from trustformers.models.nomic_bert.modeling_nomic_bert import *
