"""What transformers.modeling_outputs has. Written by ci/python_stubs.py."""

from trustformers.models.outputs import *
