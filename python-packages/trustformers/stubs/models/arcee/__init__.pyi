"""Names of transformers.models.arcee. Written by ci/python_stubs.py."""

from trustformers.models.arcee.configuration_arcee import *
from trustformers.models.arcee.modeling_arcee import *
