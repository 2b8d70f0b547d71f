"""Names of transformers.models.llama. Written by ci/python_stubs.py."""

from trustformers.models.llama.configuration_llama import *
from trustformers.models.llama.modeling_llama import *
