"""Names of transformers.models.roformer. Written by ci/python_stubs.py."""

from trustformers.models.roformer.configuration_roformer import *
from trustformers.models.roformer.modeling_roformer import *
