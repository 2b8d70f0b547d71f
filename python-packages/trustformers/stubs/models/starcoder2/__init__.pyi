"""Names of transformers.models.starcoder2. Written by ci/python_stubs.py."""

from trustformers.models.starcoder2.configuration_starcoder2 import *
from trustformers.models.starcoder2.modeling_starcoder2 import *
