"""Names of transformers.modeling_utils. Written by ci/python_stubs.py."""

from trustformers.models.base import *
