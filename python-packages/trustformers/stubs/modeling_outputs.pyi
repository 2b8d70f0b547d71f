"""Names of transformers.modeling_outputs. Written by ci/python_stubs.py."""

from trustformers.models.outputs import *
