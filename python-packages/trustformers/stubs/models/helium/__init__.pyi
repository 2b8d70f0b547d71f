"""Names of transformers.models.helium. Written by ci/python_stubs.py."""

from trustformers.models.helium.configuration_helium import *
from trustformers.models.helium.modeling_helium import *
