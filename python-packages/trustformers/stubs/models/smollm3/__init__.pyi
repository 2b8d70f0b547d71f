"""Names of transformers.models.smollm3. Written by ci/python_stubs.py."""

from trustformers.models.smollm3.configuration_smollm3 import *
from trustformers.models.smollm3.modeling_smollm3 import *
