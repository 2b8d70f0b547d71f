"""Names of transformers.models.auto.modeling_auto. Written by ci/python_stubs.py."""

from trustformers.models.auto import *
