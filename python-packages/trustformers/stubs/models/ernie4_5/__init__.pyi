"""Names of transformers.models.ernie4_5. Written by ci/python_stubs.py."""

from trustformers.models.ernie4_5.configuration_ernie4_5 import *
from trustformers.models.ernie4_5.modeling_ernie4_5 import *
