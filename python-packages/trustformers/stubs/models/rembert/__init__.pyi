"""Names of transformers.models.rembert. Written by ci/python_stubs.py."""

from trustformers.models.rembert.configuration_rembert import *
from trustformers.models.rembert.modeling_rembert import *
