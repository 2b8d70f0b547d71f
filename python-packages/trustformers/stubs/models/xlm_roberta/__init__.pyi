"""Names of transformers.models.xlm_roberta. Written by ci/python_stubs.py."""

from trustformers.models.xlm_roberta.configuration_xlm_roberta import *
from trustformers.models.xlm_roberta.modeling_xlm_roberta import *
