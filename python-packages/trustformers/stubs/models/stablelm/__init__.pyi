"""Names of transformers.models.stablelm. Written by ci/python_stubs.py."""

from trustformers.models.stablelm.configuration_stablelm import *
from trustformers.models.stablelm.modeling_stablelm import *
