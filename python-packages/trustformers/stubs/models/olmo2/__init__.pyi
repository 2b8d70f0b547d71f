"""Names of transformers.models.olmo2. Written by ci/python_stubs.py."""

from trustformers.models.olmo2.configuration_olmo2 import *
from trustformers.models.olmo2.modeling_olmo2 import *
