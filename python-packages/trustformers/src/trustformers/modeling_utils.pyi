"""What transformers.modeling_utils has. Written by ci/python_stubs.py."""

from trustformers.models.base import *
