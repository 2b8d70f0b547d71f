"""Names of transformers.models.phi. Written by ci/python_stubs.py."""

from trustformers.models.phi.configuration_phi import *
from trustformers.models.phi.modeling_phi import *
