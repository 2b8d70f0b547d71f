"""Names of transformers.models.olmo. Written by ci/python_stubs.py."""

from trustformers.models.olmo.configuration_olmo import *
from trustformers.models.olmo.modeling_olmo import *
