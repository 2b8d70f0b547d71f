"""Names of transformers.models.mistral. Written by ci/python_stubs.py."""

from trustformers.models.mistral.configuration_mistral import *
from trustformers.models.mistral.modeling_mistral import *
