"""Names of transformers.models.olmo3. Written by ci/python_stubs.py."""

from trustformers.models.olmo3.configuration_olmo3 import *
from trustformers.models.olmo3.modeling_olmo3 import *
