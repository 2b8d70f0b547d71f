"""Names of transformers.models.gemma3. Written by ci/python_stubs.py."""

from trustformers.models.gemma3.configuration_gemma3 import *
from trustformers.models.gemma3.modeling_gemma3 import *
