"""Names of transformers.models.granite. Written by ci/python_stubs.py."""

from trustformers.models.granite.configuration_granite import *
from trustformers.models.granite.modeling_granite import *
