"""Names of transformers.models.xlm_roberta_xl. Written by ci/python_stubs.py."""

from trustformers.models.xlm_roberta_xl.configuration_xlm_roberta_xl import *
from trustformers.models.xlm_roberta_xl.modeling_xlm_roberta_xl import *
