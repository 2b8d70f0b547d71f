"""Names of transformers.models.gemma. Written by ci/python_stubs.py."""

from trustformers.models.gemma.configuration_gemma import *
from trustformers.models.gemma.modeling_gemma import *
