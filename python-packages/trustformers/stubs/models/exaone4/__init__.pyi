"""Names of transformers.models.exaone4. Written by ci/python_stubs.py."""

from trustformers.models.exaone4.configuration_exaone4 import *
from trustformers.models.exaone4.modeling_exaone4 import *
