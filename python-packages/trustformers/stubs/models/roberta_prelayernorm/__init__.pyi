"""Names of transformers.models.roberta_prelayernorm. Written by ci/python_stubs.py."""

from trustformers.models.roberta_prelayernorm.configuration_roberta_prelayernorm import *
from trustformers.models.roberta_prelayernorm.modeling_roberta_prelayernorm import *
