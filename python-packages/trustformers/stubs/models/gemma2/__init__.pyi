"""Names of transformers.models.gemma2. Written by ci/python_stubs.py."""

from trustformers.models.gemma2.configuration_gemma2 import *
from trustformers.models.gemma2.modeling_gemma2 import *
