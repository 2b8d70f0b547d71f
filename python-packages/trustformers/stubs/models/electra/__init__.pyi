"""Names of transformers.models.electra. Written by ci/python_stubs.py."""

from trustformers.models.electra.configuration_electra import *
from trustformers.models.electra.modeling_electra import *
