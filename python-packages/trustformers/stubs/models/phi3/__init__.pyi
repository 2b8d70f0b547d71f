"""Names of transformers.models.phi3. Written by ci/python_stubs.py."""

from trustformers.models.phi3.configuration_phi3 import *
from trustformers.models.phi3.modeling_phi3 import *
