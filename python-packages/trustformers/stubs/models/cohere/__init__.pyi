"""Names of transformers.models.cohere. Written by ci/python_stubs.py."""

from trustformers.models.cohere.configuration_cohere import *
from trustformers.models.cohere.modeling_cohere import *
