"""Names of transformers.models.ernie. Written by ci/python_stubs.py."""

from trustformers.models.ernie.configuration_ernie import *
from trustformers.models.ernie.modeling_ernie import *
