"""Names of transformers.models.mixtral. Written by ci/python_stubs.py."""

from trustformers.models.mixtral.configuration_mixtral import *
from trustformers.models.mixtral.modeling_mixtral import *
