"""Names of transformers.models.roberta. Written by ci/python_stubs.py."""

from trustformers.models.roberta.configuration_roberta import *
from trustformers.models.roberta.modeling_roberta import *
