"""Names of transformers.models.gpt2. Written by ci/python_stubs.py."""

from trustformers.models.gpt2.configuration_gpt2 import *
from trustformers.models.gpt2.modeling_gpt2 import *
